import ArgumentParser
import DioptraKitCore
import FoundationEssentials
import Glibc

/// Where a backup's passphrase comes from. It is never an argument: those can be seen by everybody on the host.
struct PassphraseOptions: ParsableArguments {
  @Flag(help: "Encrypt, with a passphrase that is asked for on the terminal.")
  var encrypt = false

  @Option(
    help: ArgumentHelp(
      "Encrypt with the first line of a file, or of standard input for -. The environment variable \(Backup.passphraseVariable) does the same.",
      valueName: "file"))
  var passphraseFile: String?

  /// The passphrase for a file that is made; nil when it is not to be encrypted.
  func ofNewFile(_ options: GlobalOptions) throws -> String? {
    if let given = try Passphrase.given(passphraseFile, options) { return given }
    guard encrypt else { return nil }
    guard options.mayAsk else {
      throw DioptraError(
        .usage, "a passphrase is needed, and there is no terminal to ask on", remedy: "Give it with --passphrase-file",
        "Give it in \(set: Backup.passphraseVariable)")
    }
    let first = try Passphrase.asked("Passphrase: ")
    guard try Passphrase.asked("The same again: ") == first else {
      throw DioptraError(.passphraseInvalid, "the two passphrases differ", remedy: "Try again")
    }
    return first
  }
}

/// A passphrase that a person or a file gives.
enum Passphrase {
  /// What was given with the command; nil when nothing was.
  static func given(_ file: String?, _ options: GlobalOptions) throws -> String? {
    let variable = ProcessInfo.processInfo.environment[Backup.passphraseVariable]
    // Programs that we start need not know it.
    unsetenv(Backup.passphraseVariable)
    guard let file else { return try variable.map { try checked($0, "\(Backup.passphraseVariable)") } }
    if file == "-" { return try checked(try Terminal.line() ?? "", "standard input") }
    // Also from a pipe, such as a shell makes of another program's output.
    let data = Caller.inOwnName { FileManager.default.contents(atPath: options.absolute(file)) }
    guard let data else {
      throw DioptraError(
        .passphraseInvalid, "the passphrase file \(file) cannot be read", remedy: "Check the path and your permissions")
    }
    let line = data.prefix { $0 != 0x0A && $0 != 0x0D }
    return try checked(String(decoding: line, as: UTF8.self), file)
  }

  /// What a person types, which is not shown.
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
