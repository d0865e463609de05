/** Puts a host back to what the journal says. */
export const programBack: string = `
undo_value() {
  case $1 in
    value) put_value "$2" "$3" ;;
    hashsize) put_hash "$2" ;;
    *) return 0 ;;
  esac
  #step undone-value
}

undo_module() {
  [ "$1" = module ] && [ -d "./sys/module/$2" ] || return 0
  modprobe -r "$2" </dev/null 2>/dev/null || true
}

undo_file() {
  case $1 in
    file) shift ;;
    folder) undo_folders="$2 $undo_folders"; return 0 ;;
    *) return 0 ;;
  esac
  beside "$1"
  if ! file_is "$@"; then
    if [ "$2" = regular ] && file_is "$old" regular "$3" "$4" "$5" "$6"; then
      touched "$1"
      mv -f "$old" "$1"
    elif stage_back "$@"; then
      place "$@"
    fi
  fi
  rm -f "$new" "$old"
  #step undone-file
}

# stage_back: as stage, without a copy of what is there now.
stage_back() {
  rm -f "$new"
  case $2 in
    regular) decode "$7" >"$new" && chown "$4:$5" "$new" && chmod "$3" "$new" && sum_of "$new" && [ "$sum" = "$6" ] && sync "$new" ;;
    link) ln -s "$6" "$new" ;;
  esac
}

undone_line() {
  case $1 in
    file) shift; file_is "$@" || differs file "\${1#.}" "$2 $6" "$(shape_of "$1")" ;;
    value)
      [ "$3" = absent ] || [ ! -e "./proc/sys/$2" ] || { read_value "./proc/sys/$2"; [ "=$value" = "$3" ]; } ||
        differs value "$2" "\${3#=}" "$value"
      ;;
    hashsize)
      [ ! -e "$hash_path" ] || { read_value "$hash_path"; [ "$value" = "$2" ]; } || differs hash-size nf_conntrack "$2" "$value"
      ;;
  esac
}

# undo: everything as the journal says it was. The journal goes last, and only when all of it holds.
undo() {
  undo_folders=
  dirty=
  units=
  each_line "$journal" undo_value
  each_line "$journal" undo_value
  each_line "$journal" undo_module
  each_line "$journal" undo_file
  settle
  for folder in $undo_folders; do
    [ ! -d "$folder" ] || rmdir "$folder" || true
  done
  rm -f "$state.new" "$journal.new"
  #step undone
  reload || true
  mismatches=
  each_line "$journal" undone_line
  [ -z "$mismatches" ] || return 1
  #step undone-verified
  rm -f "$journal" && sync "$home"
  leave
}

# leave: the folder of ours goes when there is nothing to be put back.
leave() {
  [ ! -d "$home" ] || [ -e "$state" ] || [ -e "$journal" ] || { rm -f "$state.new" "$journal.new"; rmdir "$home"; } 2>/dev/null || true
}
`;
