import { shellNumbers } from "../nodes/shell-numbers";

/** Small words of the transaction, and what of a host differs from what is wanted. */
export const programComparison: string = `
troubles=
mismatches=

# trouble REASON TEXT: something on the host is in the way.
trouble() { troubles=$troubles\${newline}trouble$tab$1$tab$2; }

# differs KIND NAME WANTED GOT
differs() { mismatches=$mismatches\${newline}mismatch$tab$1$tab$2$tab$3$tab$4; }

${shellNumbers}

# read_value FILE: the kernel's value in $value, its words with one space between them.
read_value() {
  # shellcheck disable=SC2046 # split on purpose
  set -- $(cat "$1" 2>/dev/null)
  value="$*"
}

# write_value FILE VALUE: what comes of it is seen by reading back.
write_value() { [ ! -e "$1" ] || { printf '%s\\n' "$2" >"$1"; } 2>/dev/null || true; }

# each_line FILE FUNCTION: calls it with the fields of each line. Descriptor 3, so that nothing in it reads the file as its input.
each_line() {
  while IFS=$tab read -r f1 f2 f3 f4 f5 f6 f7 f8 <&3; do
    "$2" "$f1" "$f2" "$f3" "$f4" "$f5" "$f6" "$f7" "$f8"
  done 3<"$1"
}

# field_of FILE WORD: the second field of the line that begins so.
field_of() {
  [ ! -f "$1" ] || grep "^$2$tab" "$1" | cut -f 2
}

whole() { [ "$(tail -n 1 "$1")" = end ]; }

wants_file() { case $newline$wanted_files$newline in *"$newline$1$newline"*) ;; *) return 1 ;; esac; }
wants_key() { case $newline$wanted_keys$newline in *"$newline$1$newline"*) ;; *) return 1 ;; esac; }

# sum_of FILE: its SHA-256 in $sum.
sum_of() {
  sum=$(sha256sum <"$1")
  sum=\${sum%% *}
}
decode() { [ "$1" = - ] || printf '%s' "$1" | base64 -d; }
encode() { base64 "$1" | tr -d '\\n'; }

# beside PATH: names for what will replace a file, and for what it was, in the same folder. No program takes them for its own.
beside() {
  new=\${1%/*}/.\${1##*/}.meshground-new
  old=\${1%/*}/.\${1##*/}.meshground-old
}

# file_is PATH KIND MODE UID GID CHECK
file_is() {
  case $2 in
    absent) [ ! -e "$1" ] && [ ! -L "$1" ] ;;
    link) [ -L "$1" ] && [ "$(readlink "$1")" = "$6" ] ;;
    *) [ -f "$1" ] && [ ! -L "$1" ] && [ "$(stat -c '%a %u %g' "$1")" = "$3 $4 $5" ] && sum_of "$1" && [ "$sum" = "$6" ] ;;
  esac
}

# shape_of PATH: what a file is, for messages.
shape_of() {
  if [ -L "$1" ]; then printf 'a link to %s' "$(readlink "$1" | tr -d '[:cntrl:]')"
  elif [ -f "$1" ]; then sum_of "$1"; printf 'sha256 %s, mode %s, owner %s' "$sum" "$(stat -c %a "$1")" "$(stat -c %u:%g "$1")"
  elif [ -e "$1" ]; then printf 'not a file'
  else printf absent
  fi
}

# holds MODE KEY VALUE
holds() {
  read_value "./proc/sys/$2"
  case $1 in
    exact) [ "$value" = "$3" ] ;;
    *) number "$value" && ! lower "$value" "$3" ;;
  esac
}

hash_path=./sys/module/nf_conntrack/parameters/hashsize
hash_holds() {
  [ -n "$wanted_hash" ] || return 0
  read_value "$hash_path"
  number "$value" && ! lower "$value" "$wanted_hash"
}

# What an earlier run touched and this one does not want goes back to what it was before the first.
each_dropped() {
  [ ! -f "$state" ] || each_line "$state" "$1"
}

each_target() {
  each_file "$1"
  target_callback=$1
  each_dropped dropped_file
}

dropped_file() {
  [ "$1" = file ] && ! wants_file "$2" || return 0
  "$target_callback" "$2" "$3" "$4" "$5" "$6" "$7" "$8"
}

compare_file() { file_is "$@" || differs file "\${1#.}" "$2 $6" "$(shape_of "$1")"; }

compare_value() {
  holds "$@" || differs value "$2" "$3" "\${value:-$(absence "./proc/sys/$2")}"
}

absence() { if [ -e "$1" ]; then printf empty; else printf absent; fi; }

compare_module() { module "$@" || differs module "$1" loaded absent; }

compare_dropped() {
  case $1 in
    value)
      wants_key "$2" || [ "$3" = absent ] || { read_value "./proc/sys/$2"; [ "=$value" = "$3" ]; } ||
        [ ! -e "./proc/sys/$2" ] || differs value "$2" "\${3#=}" "$value"
      ;;
    hashsize)
      [ -n "$wanted_hash" ] || { read_value "$hash_path"; [ "$value" = "$2" ]; } || [ ! -e "$hash_path" ] ||
        differs hash-size nf_conntrack "$2" "$value"
      ;;
  esac
}

compare() {
  mismatches=
  each_target compare_file
  each_module compare_module
  hash_holds || differs hash-size nf_conntrack "$wanted_hash" "\${value:-absent}"
  each_setting compare_value
  each_dropped compare_dropped
}
`;
