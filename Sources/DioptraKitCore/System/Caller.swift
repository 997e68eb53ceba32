package import CLinux
internal import Glibc

/// Who runs the program, and in whose name it works.
///
/// Root in somebody else's folder takes that person's effective ids for all threads: nothing can happen there that this
/// person may not do, whatever links and files are put in the way at whatever moment. Programs that are started get the
/// caller's own ids back.
package enum Caller {
  /// Whether the program works in another's name.
  static var isActing: Bool { geteuid() != getuid() }

  /// The ids of the person who called root's program with `sudo`.
  static var behindSudo: uid_t? {
    guard getuid() == 0, let text = getenv("SUDO_UID").map({ String(cString: $0) }) else { return nil }
    return uid_t(text)
  }

  /// Takes the ids of a folder's owner where root is the caller. It stays so until the process ends.
  static func act(as owner: uid_t, group: gid_t, at path: String) throws(DioptraError) {
    guard getuid() == 0, geteuid() == 0, owner != 0 else { return }
    let account = Account(owner)
    let groups = account?.groups ?? []
    // A folder in another's may have a group that its owner is not in.
    let main = account.map { groups.contains(group) ? group : $0.group } ?? group
    guard setgroups(groups.count, groups) == 0, setegid(main) == 0, seteuid(owner) == 0 else {
      throw .system("\(path) cannot be used as \(name(of: owner))", remedy: "Run the command as that user")
    }
  }

  /// Runs a body that reaches files with the caller's own rights: those that the caller named and that are in no
  /// deployment's folder. Other threads notice nothing.
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

  /// What people call a user of this host.
  package static func name(of user: uid_t) -> String {
    Account(user).map { "\($0.name) (uid \(user))" } ?? "uid \(user)"
  }
}

/// A user that this host knows.
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

  /// Also those that the user is in by the way.
  var groups: [gid_t] {
    var count: Int32 = 1024
    var groups = [gid_t](repeating: 0, count: Int(count))
    return getgrouplist(name, group, &groups, &count) < 0 ? [group] : Array(groups.prefix(Int(count)))
  }
}
