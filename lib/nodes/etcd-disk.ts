/**
 * Gives etcd a disk of its own, as a shell script: made once, mounted at each boot, and never made where anything is.
 *
 * The entry in fstab has no `nofail`: a member of etcd that came up with an empty folder would be worse than one that does not come up.
 */
export function etcdDiskScript(device: string, folder: string): string {
  return `disk=${device}
folder=${folder}
if ! mountpoint -q "$folder"; then
  [ -b "$disk" ] || fail "$disk, the disk for etcd, is no block device."
  [ -z "$(ls -A "$folder" 2>/dev/null)" ] || fail "$folder holds something already, which a disk for etcd would hide. Move it, or leave out etcdDisk."
  found=$(wipefs --noheadings --output TYPE,LABEL "$disk") || fail "wipefs cannot tell whether anything is on $disk, so nothing is written to it."
  found=$(printf '%s' "$found" | tr -s '[:space:]' ' ')
  case $found in
    '') mkfs.ext4 -q -L meshground-etcd "$disk" ;;
    'ext4 meshground-etcd'*) ;;
    *) fail "$disk holds $found: nothing is written over it. If it may go: wipefs --all $disk" ;;
  esac
  mkdir -p "$folder"
  chmod 0700 "$folder"
  uuid=$(blkid -s UUID -o value "$disk")
  if ! grep -q " $folder " /etc/fstab; then
    [ -z "$(tail -c 1 /etc/fstab)" ] || echo >>/etc/fstab
    printf 'UUID=%s %s ext4 defaults,noatime 0 2\\n' "$uuid" "$folder" >>/etc/fstab
    systemctl daemon-reload
  fi
  mount "$folder"
  chmod 0700 "$folder"
fi
`;
}
