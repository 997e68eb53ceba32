package import CLinux
internal import Glibc

/// Who runs the program, and on whose behalf it works.
///
/// In another user's folder, root takes on the effective ids of that user for all threads, so that it can do nothing
/// there that the user could not do, whatever links and files are put in its way. Child processes get the caller's own
/// ids back.
package enum Caller {
  /// Whether the program works on behalf of another user.
  static var isActing: Bool { geteuid() != getuid() }

  /// The ids of the user who called `sudo`.
  static var behindSudo: uid_t? {
    guard getuid() == 0, let text = getenv("SUDO_UID").map({ String(cString: $0) }) else { return nil }
    return uid_t(text)
  }

  /// Takes on the ids of a folder's owner if the caller is root, until the process ends.
  static func act(as owner: uid_t, group: gid_t, at path: String) throws(DioptraError) {
    guard getuid() == 0, geteuid() == 0, owner != 0 else { return }
    let account = Account(owner)
    let groups = account?.groups ?? []
    // A folder inside another user's may have a group that its owner is not in.
    let main = account.map { groups.contains(group) ? group : $0.group } ?? group
    guard setgroups(groups.count, groups) == 0, setegid(main) == 0, seteuid(owner) == 0 else {
      throw .system("\(path) cannot be used as \(name(of: owner))", remedy: "Run the command as that user")
    }
  }

  /// Runs a body with the caller's own rights, for files that the caller named outside of any deployment's folder.
  /// Other threads are not affected.
  package static func inOwnName<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard isActing else { return try body() }
    let (user, group) = (geteuid(), getegid())
    setfsgid(getgid())
    setfsuid(getuid())
    defer {
      setfsgid(group)
      setfsuid(user)
    }
    return try body()
  }

  /// The name of a user of this host.
  package static func name(of user: uid_t) -> String {
    Account(user).map { "\($0.name) (uid \(user))" } ?? "uid \(user)"
  }
}

/// A user known to this host.
private struct Account {
  let name: String
  let group: gid_t

  init?(_ user: uid_t) {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16 << 10)
    guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
    name = String(cString: entry.pw_name)
    group = entry.pw_gid
  }

  /// Including the user's supplementary groups.
  var groups: [gid_t] {
    var count: Int32 = 1024
    var groups = [gid_t](repeating: 0, count: Int(count))
    return getgrouplist(name, group, &groups, &count) < 0 ? [group] : Array(groups.prefix(Int(count)))
  }
}
