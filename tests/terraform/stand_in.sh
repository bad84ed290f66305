# The stand-in for the AWS provider, for scripts that source this: after it, `terraform` finds the provider there, and
# $work is a folder that is removed at the end. They set $here, $source and $cache, and define two functions that do not
# come back: skip_all WHY, when something is missing, and fail WHAT.
# shellcheck shell=bash disable=SC2154

for tool in terraform node npm tar; do
  command -v "$tool" >/dev/null || skip_all "no $tool"
done

install_packages() {
  cmp -s "$here/package.json" "$cache/installed.json" && return
  rm -rf "$cache" && mkdir -p "$cache" && cp "$here/package.json" "$cache/" && cd "$cache" || return
  npm install --no-audit --no-fund --no-package-lock --ignore-scripts >npm.log 2>&1 &&
    npm pack --silent "$(npm pkg get config.schema | tr -d '"')" >>npm.log 2>&1 &&
    mv ./*.tgz schema.tgz && cp "$here/package.json" installed.json
}
(install_packages) || skip_all "npm install failed, see $cache/npm.log"

work=$(mktemp -d)
pid=
trap 'test -z "$pid" || kill "$pid" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
touch "$work/terraform.rc"
export TF_CLI_CONFIG_FILE=$work/terraform.rc TF_IN_AUTOMATION=1 TF_INPUT=0 CHECKPOINT_DISABLE=1

# Of the 1,700 resources' bindings, those that are used: `resource "aws_sqs_queue"` is in lib/sqs-queue.
bindings() {
  grep -rhoE '^(resource|data) "aws_[a-z0-9_]+"' --include='*.tf' "$source" | sort -u |
    sed -E 's/"//g; s/^resource aws_//; s/^data (.*)/data_\1/; y/_/-/'
  echo provider
}
mapfile -t wanted < <(bindings | sed -E 's|.*|package/lib/&/index.js package/lib/&/index.d.ts|' | tr ' ' '\n')
mkdir "$work/bindings"
tar -xzf "$cache/schema.tgz" -C "$work/bindings" --strip-components=2 "${wanted[@]}" ||
  fail "the schema has not all that deploy/terraform uses"

node "$here/provider.mjs" "$cache" "$work/bindings" "$work/provider.sock" >"$work/reattach" 2>"$work/provider.log" &
pid=$!
tries=0
until [ -s "$work/reattach" ]; do
  kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 300 ] || {
    cat "$work/provider.log"
    fail "the stand-in for the provider does not start"
  }
  tries=$((tries + 1))
  sleep 0.1
done
TF_REATTACH_PROVIDERS=$(cat "$work/reattach")
export TF_REATTACH_PROVIDERS
