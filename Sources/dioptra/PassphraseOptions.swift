import ArgumentParser
import DioptraKitCore
import FoundationEssentials
import Glibc

/// Where a backup's passphrase comes from. It is never an argument: every user of the host can see those.
struct PassphraseOptions: ParsableArguments {
  @Flag(help: "Encrypt with a passphrase, entered on the terminal.")
  var encrypt = false

  @Option(
    help: ArgumentHelp(
      "Encrypt with the first line of a file, or of standard input for -. The environment variable \(Backup.passphraseVariable) does the same.",
      valueName: "file"))
  var passphraseFile: String?

  /// The passphrase for a new file; nil for an unencrypted one.
  func ofNewFile(_ options: GlobalOptions) throws -> String? {
    if let given = try Passphrase.given(passphraseFile, options) { return given }
    guard encrypt else { return nil }
    guard options.mayAsk else {
      throw DioptraError(
        .usage, "a passphrase is needed, and there is no terminal to ask on", remedy: "Give it with --passphrase-file",
        "Give it in \(set: Backup.passphraseVariable)")
    }
    let first = try Passphrase.asked("Passphrase: ")
    guard try Passphrase.asked("Repeat the passphrase: ") == first else {
      throw DioptraError(.passphraseInvalid, "the two passphrases differ", remedy: "Try again")
    }
    return first
  }
}

/// A passphrase from the terminal or a file.
enum Passphrase {
  /// The passphrase given with the command; nil if there is none.
  static func given(_ file: String?, _ options: GlobalOptions) throws -> String? {
    let variable = ProcessInfo.processInfo.environment[Backup.passphraseVariable]
    // Child processes do not need it.
    unsetenv(Backup.passphraseVariable)
    guard let file else { return try variable.map { try checked($0, "\(Backup.passphraseVariable)") } }
    if file == "-" { return try checked(try Terminal.line() ?? "", "standard input") }
    let data = Caller.inOwnName { NamedFile.contents(atPath: options.absolute(file)) }
    guard let data else {
      throw DioptraError(
        .passphraseInvalid, "the passphrase file \(file) cannot be read", remedy: "Check the path and your permissions")
    }
    let line = data.prefix { $0 != 0x0A && $0 != 0x0D }
    return try checked(String(decoding: line, as: UTF8.self), file)
  }

  /// Reads a passphrase without echo.
  static func asked(_ prompt: String) throws -> String {
    try checked(try Terminal.answer(to: prompt, isHidden: true) ?? "", "what was typed")
  }

  private static func checked(_ text: String, _ source: String) throws -> String {
    guard !text.isEmpty else {
      throw DioptraError(
        .passphraseInvalid, "\(source) holds no passphrase", remedy: "Give one of at least one character")
    }
    return text
  }
}
