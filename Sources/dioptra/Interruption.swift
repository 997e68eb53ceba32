import DioptraKitCore
import Glibc
import Synchronization

/// How a command reacts to Ctrl-C, SIGTERM and SIGHUP.
///
/// The first signal cancels the command's task, which cleans up and returns; a question ends at once. If the command has
/// nothing to clean up and does not return, because it waits for a file or computes, the process exits. A second signal
/// always ends the process.
enum Interruption {
  /// Runs a body and cancels its task when this process is asked to end.
  static func cancelling(_ body: sending @escaping () async throws -> Void) async throws {
    let task = Task { try await body() }
    listen()
    // All threads of the task pool may be busy.
    BackgroundThread.start {
      _ = isRequested(within: -1)
      task.cancel()
      exitWhenIdle()
    }
    try await task.value
  }

  /// Whether this process has been asked to end.
  static var isRequested: Bool { isRequested(within: 0) }

  /// A descriptor that becomes readable when this process is asked to end; -1 if signals are not handled.
  static var bell: Int32 { Bell.out.load(ordering: .sequentiallyConsistent) }

  /// Whether this process has been asked to end, or is within some milliseconds; -1 waits for ever.
  static func isRequested(within milliseconds: Int32) -> Bool {
    var descriptor = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
    while true {
      let count = poll(&descriptor, 1, milliseconds)
      if count >= 0 || errno != EINTR { return count > 0 }
    }
  }

  /// Exits once the process has held no lock and run no program for a while without returning.
  private static func exitWhenIdle() -> Never {
    let patience = 20
    var quiet = 0
    while quiet < patience {
      usleep(50_000)
      quiet = CleanupDuty.isAny ? 0 : quiet + 1
    }
    Terminal.restore()
    Output.complain("interrupted")
    Failure.report(.interrupted)
    _exit(DioptraError.ExitCode.interrupted.rawValue)
  }

  // MARK: Signals

  /// What the signal handler uses.
  private enum Bell {
    static let into = Atomic<Int32>(-1)
    static let out = Atomic<Int32>(-1)
    /// When the first signal came, in nanoseconds; 0 before that.
    static let rungAt = Atomic<UInt64>(0)
  }

  /// Programs such as `timeout` send each signal twice, to the process and to its group: both are one request.
  private static let echo: UInt64 = 250_000_000

  private static func listen() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    Bell.out.store(ends[0], ordering: .sequentiallyConsistent)
    Bell.into.store(ends[1], ordering: .sequentiallyConsistent)
    _ = Bell.rungAt.load(ordering: .sequentiallyConsistent)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      sigaction(number, nil, &action)
      // Under `nohup` a command keeps running after its terminal is gone.
      if number == SIGHUP, unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1 { continue }
      action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in Interruption.ring() }
      action.sa_flags = SA_RESTART
      sigaction(number, &action, nil)
    }
  }

  /// Only async-signal-safe calls.
  private static func ring() {
    let error = errno
    defer { errno = error }
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let now = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    let (isFirst, first) = Bell.rungAt.compareExchange(
      expected: 0, desired: now, ordering: .sequentiallyConsistent)
    if isFirst {
      var byte: UInt8 = 1
      _ = write(Bell.into.load(ordering: .sequentiallyConsistent), &byte, 1)
    } else if now > first + echo {
      Terminal.restore()
      _exit(DioptraError.ExitCode.interrupted.rawValue)
    }
  }
}
