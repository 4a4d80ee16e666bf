# SPDX-License-Identifier: Apache-2.0
# Completions of toolhive-oci for fish: the program itself says what may stand where.
complete --command toolhive-oci --no-files --keep-order --arguments '(command toolhive-oci __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
