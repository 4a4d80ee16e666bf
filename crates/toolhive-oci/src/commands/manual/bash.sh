# SPDX-License-Identifier: Apache-2.0
# Completions of toolhive-oci for bash: the program itself says what may stand where.
_toolhive_oci() {
    local rest=$COMP_LINE word words=() candidate
    # What bash cuts at : and = is one word for the program.
    for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        if [[ ${#words[@]} -gt 0 && $rest != [[:space:]]* ]]; then
            words[${#words[@]} - 1]+=$word
        else
            rest=${rest#"${rest%%[![:space:]]*}"}
            words+=("$word")
        fi
        rest=${rest#"$word"}
    done
    # Only what follows the last cut is replaced.
    local begun=${words[${#words[@]} - 1]} last=${COMP_WORDS[COMP_CWORD]}
    [[ $last == [:=] ]] && last=
    local kept=${begun%"$last"}
    COMPREPLY=()
    while IFS= read -r candidate; do
        candidate=${candidate%%$'\t'*}
        COMPREPLY+=("$(printf %q "${candidate#"$kept"}")")
        [[ $candidate == *[/=] ]] && compopt -o nospace 2>/dev/null
    done < <(command toolhive-oci __complete "${words[@]:1}" 2>/dev/null)
}
complete -o bashdefault -o default -F _toolhive_oci toolhive-oci
