# The first program of a test host, in namespaces of its own: root file system, /proc, /sys, sshd. Arguments: LOWER FOLDER NAME
#
# /proc/sys is read-only but for the host's own network, and /sys wholly: no write can reach the machine that the tests run on, and the host is
# one that refuses fs.* and kernel.* keys. No module can be loaded, the clock not be set.
set -eu
lower=$1 folder=$2 name=$3
root=$folder/root
hostname "$name"
mount -t overlay -o "lowerdir=$lower,upperdir=$folder/upper,workdir=$folder/work" overlay "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t tmpfs -o mode=755,size=16m tmpfs "$root/run"
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
mount -t tmpfs -o mode=755,size=1m tmpfs "$root/dev"
mkdir -m 755 "$root/run/sshd" "$root/run/lock" "$root/dev/pts"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,ro,bind "$root/proc/sys"
mount --bind "$root/proc/sys/net" "$root/proc/sys/net"
mount -o remount,rw,bind "$root/proc/sys/net"
ip link set lo up
cd "$root"
pivot_root . mnt
umount -l /mnt
exec setpriv --bounding-set=-sys_module,-sys_time,-sys_rawio,-sys_boot,-mac_admin /usr/sbin/sshd -D -e
