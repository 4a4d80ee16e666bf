#compdef toolhive-oci
# SPDX-License-Identifier: Apache-2.0
# Completions of toolhive-oci for zsh: the program itself says what may stand where.
_toolhive-oci() {
    local line value
    local -a open shut
    for line in "${(@f)$(command toolhive-oci __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        value=${line%%$'\t'*}
        [[ -n $value ]] || continue
        line=${value//:/\\:}${line#$value}
        line=${line/$'\t'/:}
        if [[ $value == *[/=] ]]; then open+=("$line"); else shut+=("$line"); fi
    done
    (( ${#open} )) && _describe -V toolhive-oci open -S ''
    (( ${#shut} )) && _describe -V toolhive-oci shut
    (( ${#open} + ${#shut} )) || _default
}
if [[ $funcstack[1] == _toolhive-oci ]]; then
    _toolhive-oci "$@"
else
    compdef _toolhive-oci toolhive-oci
fi
