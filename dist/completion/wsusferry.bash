# SPDX-License-Identifier: ISC
# bash completion for wsusferry.  Made by "make completion"; do not edit.
_wsusferry() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local prog=${COMP_WORDS[0]##*/} opts= files= words=
	if [[ $prog == wsusferry ]] && ((COMP_CWORD > 1)); then
		prog=wsusferry-${COMP_WORDS[1]}
	fi
	case $prog in
	wsusferry)
		opts="--help --version"
		files=""
		words=""
		;;
	wsusferry-key)
		opts="--out -s --store -k --trusted-keys -n --dry-run -q --quiet -v --verbose --json -c --config --help --version"
		files="--out -s --store -k --trusted-keys -c --config"
		words="new list trust revoke"
		;;
	esac
	if [[ $prog == wsusferry ]]; then
		words="key"
	fi
	if [[ " $files " == *" $prev "* ]]; then
		words= opts=
	elif [[ $cur == -* ]]; then
		words=$opts
	fi
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
	if [[ $cur != -* && $prog != wsusferry ]]; then
		compopt -o filenames 2>/dev/null
		COMPREPLY+=($(compgen -f -- "$cur"))
	fi
}
complete -F _wsusferry wsusferry wsusferry-key
