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
	wsusferry-export)
		opts="-s --store -j --jobs -q --quiet -v --verbose --json -n --dry-run --tree --to --media-size --filesystem --medium --verify-medium --plan --from-plan --with --budget --destination --increments --base --since-last --full --mark-held --resume-after --reason --sign-key --package --update -p --policy --all-revisions --server-id --creation-time --protocol-version --languages --max-package-size --small --strict -c --config --help --version"
		files="-s --store --tree --to --from-plan --with --sign-key --package -p --policy -c --config"
		words=""
		;;
	wsusferry-fetch)
		opts="-s --store -j --jobs -q --quiet -v --verbose --json -n --dry-run --upstream -p --policy --explain --metadata-only --content-only --full --until --limit-rate --requests --downloads --tries --retry-wait --connect-timeout --proxy --no-proxy --proxy-user-file --user-file --ca-file --client-cert --client-key --require-tls --account-name --protocol-version --content-base --internet-content --content-host --request-missing-content --copy-approvals --metrics --site --log -c --config --help --version"
		files="-s --store -p --policy --proxy-user-file --user-file --ca-file --client-cert --client-key --metrics --log -c --config"
		words=""
		;;
	wsusferry-import)
		opts="-s --store -j --jobs -q --quiet -v --verbose --json -k --trusted-keys -n --dry-run --unsigned --content --allow-rollback --keep-held --link --sign-key --receipt --destination --receipt-now --receipt-to --site --offer --log -c --config --help --version"
		files="-s --store -k --trusted-keys --content --sign-key --receipt --receipt-to --log -c --config"
		words=""
		;;
	wsusferry-key)
		opts="--out --for -s --store -k --trusted-keys -n --dry-run -q --quiet -v --verbose --json -c --config --help --version"
		files="--out -s --store -k --trusted-keys -c --config"
		words="new list trust revoke"
		;;
	wsusferry-list)
		opts="-s --store -q --quiet -v --verbose --json --absent --all-revisions --csv --policy-lines --receipt --qr --svg --since --transfer --state --release-days --transfer-days --receipt-days --fetch-days --room-times -c --config --help --version"
		files="-s --store --receipt --state -c --config"
		words="updates categories files lacking offers transfers arrived wanted receipt show status"
		;;
	wsusferry-offer)
		opts="-s --store -j --jobs -q --quiet -v --verbose --json -n --dry-run --diff --explain --client --check --rollback --yes --max-offers --now --epoch -c --config --help --version"
		files="-s --store -c --config"
		words=""
		;;
	wsusferry-serve-static)
		opts="-s --store -q --quiet -v --verbose --json --listen --tls-listen --tls-cert --tls-key --user --workers --connections --connections-per-client --admin --access-log --access-log-json --allow --rate --state --wsusscn2 --self-update -c --config --help --version"
		files="-s --store --tls-cert --tls-key --access-log --state --wsusscn2 --self-update -c --config"
		words=""
		;;
	wsusferry-verify)
		opts="-s --store -j --jobs -q --quiet -v --verbose --json -k --trusted-keys --content --glance -p --policy --quick --rebuild-check -c --config --help --version"
		files="-s --store -k --trusted-keys --content -p --policy -c --config"
		words=""
		;;
	esac
	if [[ $prog == wsusferry ]]; then
		words="export fetch import key list offer serve-static verify"
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
complete -F _wsusferry wsusferry wsusferry-export wsusferry-fetch \
    wsusferry-import wsusferry-key wsusferry-list wsusferry-offer \
    wsusferry-serve-static wsusferry-verify
