/** Changes a host: everything staged, then everything placed, then modules and values, then everything compared, then one rename. */
export const programForward: string = `
# stage PATH KIND MODE UID GID CHECK DATA: all that can want space is written before anything is replaced.
stage() {
  ! file_is "$@" || return 0
  beside "$1"
  rm -f "$new" "$old" || return 1
  case $2 in
    regular)
      decode "$7" >"$new" && chown "$4:$5" "$new" && chmod "$3" "$new" && sum_of "$new" && [ "$sum" = "$6" ] || return 1
      staged="$staged $new"
      ;;
    link) ln -s "$6" "$new" || return 1 ;;
  esac
  [ -L "$1" ] || [ ! -f "$1" ] || ln "$1" "$old" 2>/dev/null || cp -p "$1" "$old" || return 1
}

stage_target() {
  [ "$failed" -eq 0 ] || return 0
  stage "$@" || failed=1
  #step staged
}

place_target() {
  [ "$failed" -eq 0 ] || return 0
  ! file_is "$@" || return 0
  place "$@" || failed=1
  #step placed
}

# place PATH KIND: puts the staged file where it belongs.
place() {
  beside "$1"
  touched "$1"
  if [ "$2" = absent ]; then rm -f "$1"; else mv -f "$new" "$1"; fi
}

touched() {
  case " $dirty " in *" \${1%/*} "*) ;; *) dirty="$dirty \${1%/*}" ;; esac
  case $1 in ./etc/systemd/system/*) units=1 ;; esac
}

# settle: what was renamed stays renamed after a power cut.
settle() {
  # shellcheck disable=SC2086 # a list
  [ -z "$dirty" ] || sync $dirty
  dirty=
}

reload() {
  [ -n "$units" ] || return 0
  units=
  [ ! -d ./run/systemd/system ] || systemctl daemon-reload </dev/null
}

load_module() {
  module "$@" || modprobe "$1" </dev/null 2>/dev/null || true
  #step loaded
}

set_value() {
  holds "$@" || write_value "./proc/sys/$2" "$3"
  #step set
}

set_dropped() {
  case $1 in
    value) wants_key "$2" || put_value "$2" "$3" ;;
    hashsize) [ -n "$wanted_hash" ] || put_hash "$2" ;;
    *) return 0 ;;
  esac
  #step put-back
}

put_value() {
  [ "$2" != absent ] && [ -e "./proc/sys/$1" ] || return 0
  read_value "./proc/sys/$1"
  [ "=$value" = "$2" ] || write_value "./proc/sys/$1" "\${2#=}"
}

put_hash() {
  [ -e "$hash_path" ] || return 0
  read_value "$hash_path"
  [ "$value" = "$1" ] || write_value "$hash_path" "$1"
}

make_folders() {
  for folder in $folders; do
    mkdir "$folder" && chmod 755 "$folder" || return 1
    touched "$folder"
    #step folder
  done
}

forward() {
  failed=0
  staged=
  dirty=
  units=
  at=folders
  make_folders && settle || return 1
  at=staging
  each_target stage_target
  state_text
  [ "$failed" -eq 0 ] && keep "$state.new" "$text" || return 1
  # shellcheck disable=SC2086 # a list
  [ -z "$staged" ] || sync $staged || return 1
  #step all-staged
  at=files
  each_target place_target
  [ "$failed" -eq 0 ] && settle || return 1
  #step all-placed
  at=daemon-reload
  reload || return 1
  #step reloaded
  at=values
  each_module load_module
  [ -z "$wanted_hash" ] || hash_holds || write_value "$hash_path" "$wanted_hash"
  #step sized
  # Twice: a value may be refused until another is set, such as the ends of a range.
  each_setting set_value
  each_setting set_value
  each_dropped set_dropped
  each_dropped set_dropped
  #step all-set
  compare
  [ -z "$mismatches" ] || return 1
  #step verified
  at=commit
  mv -f "$state.new" "$state" && sync "$home"
}
`;
