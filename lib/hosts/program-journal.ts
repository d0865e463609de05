/** What is written down before a host is changed: the journal, how everything was when the run began, and the state, how it was before the first. */
export const programJournal: string = `
note() {
  noted=$1
  shift
  for field in "$@"; do noted=$noted$tab$field; done
  text=$text$noted$newline
}

# note_file PATH KIND...: how the file is now. Only what can be put back is taken on.
note_file() {
  folders_for "$1"
  if [ -L "$1" ]; then
    was=$(readlink "$1")
    case $was in
      *[!-A-Za-z0-9_./@+:]*) trouble conflict "\${1#.} is a link whose target holds odd characters. Remove it." ;;
      *) [ "$2" != regular ] || trouble conflict "\${1#.} is a link to $was. Put a file in its place, or remove it." ;;
    esac
    note file "$1" link - - - "$was" -
  elif [ -f "$1" ]; then
    [ "$(stat -c %s "$1")" -le 1048576 ] || { trouble conflict "\${1#.} is larger than 1 MiB. Remove it."; return 0; }
    [ "$2" != link ] || trouble conflict "\${1#.} is a file where a link has to be. Remove it."
    data=$(encode "$1")
    sum_of "$1"
    note file "$1" regular "$(stat -c "%a$tab%u$tab%g" "$1")" "$sum" "\${data:--}"
  elif [ -e "$1" ]; then
    trouble conflict "\${1#.} is neither a file nor a link. Remove it."
  else
    note file "$1" absent - - - - -
  fi
}

# folders_for PATH: the folders above it that are not there.
folders_for() {
  above=\${1%/*}
  lacking=
  while [ ! -d "$above" ]; do
    if [ -e "$above" ] || [ -L "$above" ]; then trouble conflict "\${above#.} is not a folder. Remove it."; return 0; fi
    lacking="$above $lacking"
    above=\${above%/*}
  done
  [ -w "$above" ] || trouble read-only "\${above#.} cannot be written to."
  for above in $lacking; do
    case " $folders " in *" $above "*) continue ;; esac
    folders="$folders $above"
    note folder "$above"
  done
}

note_value() {
  if [ -e "./proc/sys/$1" ]; then
    read_value "./proc/sys/$1"
    note value "$1" "=$value"
  else
    note value "$1" absent
  fi
}
note_setting() { note_value "$2"; }
note_module() { module "$@" || note module "$1"; }
note_dropped() {
  case $1 in
    value) wants_key "$2" || note_value "$2" ;;
    hashsize) [ -n "$wanted_hash" ] || note_hash ;;
  esac
}
note_hash() {
  [ ! -e "$hash_path" ] || { read_value "$hash_path"; note hashsize "$value"; }
}

journal_text() {
  text=
  folders=
  note transaction "$transaction"
  each_target note_file
  each_module note_module
  [ -z "$wanted_hash" ] || note_hash
  each_setting note_setting
  each_dropped note_dropped
  note end
}

# state_text: the journal's lines, with older originals in place of them, and without what is no longer wanted.
state_text() {
  text=
  known=$newline
  note transaction "$transaction"
  note pool "$wanted_pool"
  note profile "$wanted_profile"
  each_dropped keep_original
  each_line "$journal" keep_original
  note end
}

keep_original() {
  case $1 in
    file) wants_file "$2" || return 0 ;;
    value) wants_key "$2" || return 0 ;;
    hashsize) [ -n "$wanted_hash" ] || return 0 ;;
    folder | module) ;;
    *) return 0 ;;
  esac
  original "$@"
}

original() {
  name=$1$tab$2
  [ "$1" != hashsize ] || name=hashsize
  case $known in *"$newline$name$newline"*) return 0 ;; esac
  known=$known$name$newline
  case $1 in
    file) note "$@" ;;
    value) note "$1" "$2" "$3" ;;
    *) note "$1" "$2" ;;
  esac
}

# keep FILE TEXT: writes all of it, or fails. By cat, which says why it could not.
keep() {
  printf '%s' "$2" | cat >"$1" && [ "$(stat -c %s "$1")" -eq "\${#2}" ] && sync "$1"
}
`;
