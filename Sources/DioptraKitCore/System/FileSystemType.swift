internal import CLinux
internal import Glibc

/// The kind of file system that something is on.
enum FileSystemType {
  /// Its name, as in `mount` and the manuals.
  static func name(of descriptor: Int32) -> String {
    var facts = statfs()
    guard fstatfs(descriptor, &facts) == 0 else { return "a file system of unknown type" }
    let magic = UInt32(truncatingIfNeeded: facts.f_type)
    return names[magic] ?? "a file system of type 0x\(String(magic, radix: 16))"
  }

  /// From `statfs(2)` and the kernel's `magic.h`.
  private static let names: [UInt32: String] = [
    0x6969: "NFS", 0x6573_5546: "FUSE", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB", 0x517B: "SMB", 0x0102_1997: "9p",
    0x794C_7630: "overlay", 0x0102_1994: "tmpfs", 0xEF53: "ext4", 0x5846_5342: "XFS", 0x9123_683E: "Btrfs",
    0x2FC1_2FC1: "ZFS", 0xF2F5_2010: "F2FS", 0x4D44: "FAT", 0x2011_BAB0: "exFAT", 0x7366_746E: "NTFS",
    0x5346_544E: "NTFS", 0x00C3_6400: "Ceph", 0x0116_1970: "GFS2", 0x7461_636F: "OCFS2", 0x0BD0_0BD0: "Lustre",
    0x5346_414F: "AFS", 0x6B41_4653: "AFS", 0x4750_4653: "GPFS", 0x1983_0326: "BeeGFS", 0x786F_4256: "vboxsf",
    0xBACB_ACBC: "vmhgfs", 0x7371_7368: "squashfs", 0x8584_58F6: "ramfs", 0xCA45_1A4E: "bcachefs",
  ]
}

extension DioptraError {
  /// Whether there are no locks, so that two programs could write at once.
  ///
  /// - Parameter descriptor: Of anything on the file system.
  package static func withoutLocks(_ path: String, _ descriptor: Int32) -> DioptraError {
    DioptraError(
      .systemFailed, "\(path) is on \(FileSystemType.name(of: descriptor)), which has no locks here",
      remedy: "Put the folder on a local file system; here it is read-only")
  }
}

/// The error of a system call on a file system without locks.
package func saysNoLocks(_ code: Int32) -> Bool { [ENOLCK, EOPNOTSUPP, ENOSYS].contains(code) }
