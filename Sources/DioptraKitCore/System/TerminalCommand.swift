internal import Glibc
internal import Subprocess
internal import SystemPackage

/// Programs that show their progress only on a terminal.
extension ExternalCommand {
  /// Runs the program with a terminal for both outputs, and passes on its output as it comes.
  ///
  /// - Returns: The exit status.
  /// - Throws: `Missing`; `CancellationError`; `DioptraError` if the system provides no terminal.
  package func runOnTerminal(eachPiece: @escaping @Sendable ([UInt8]) -> Void) async throws -> Int32 {
    let terminal = try PseudoTerminal()
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        while true {
          terminal.drain(eachPiece)
          try await Task.sleep(for: .milliseconds(100))
        }
      }
      defer { group.cancelAll() }
      let inside = FileDescriptor(rawValue: terminal.inside)
      let result = try await finding {
        try await Subprocess.run(
          configuration, input: .none, output: .fileDescriptor(inside, closeAfterSpawningProcess: false),
          error: .fileDescriptor(inside, closeAfterSpawningProcess: false))
      }
      terminal.drain(eachPiece)
      return Self.status(result.terminationStatus)
    }
  }
}

/// A pseudo-terminal.
private final class PseudoTerminal: Sendable {
  private let outside: Int32
  /// The end that a program writes to.
  let inside: Int32

  // Macros that Swift does not import: unlock a terminal, and open its other end.
  private static let unlock: UInt = 0x4004_5431
  private static let openPeer: UInt = 0x5441

  init() throws(DioptraError) {
    outside = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    var locked: Int32 = 0
    let isUnlocked = outside >= 0 && ioctl(outside, Self.unlock, &locked) == 0
    inside = isUnlocked ? ioctl(outside, Self.openPeer, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1
    guard inside >= 0 else {
      throw .system("there is no terminal to be had", remedy: "Check that /dev/ptmx and /dev/pts are there")
    }
    var size = winsize(ws_row: 50, ws_col: 200, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(outside, UInt(TIOCSWINSZ), &size)
  }

  deinit {
    close(inside)
    close(outside)
  }

  /// Passes on what has been written since the last call.
  func drain(_ eachPiece: ([UInt8]) -> Void) {
    var piece = [UInt8](repeating: 0, count: 16 << 10)
    while case let count = read(outside, &piece, piece.count), count > 0 { eachPiece(Array(piece[..<count])) }
  }
}
