internal import DioptraModel
internal import DioptraSystem

/// A script for containers with its options parsed by plain Bash, as argbash would generate it, but shorter. Values are
/// in `_arg_<name>`, flags as `on` or `off`, and the list of positional arguments in an array.
struct ProcessedScript {
  let script: ContainerScript
  let body: Text

  var text: Text {
    """
    #!/usr/bin/env bash
    #
    # \(script.summary)
    # The options are declared in \(script.name).m4, which holds the same body.

    \(defaults)
    print_help() {
      cat <<'HELP'
    \(help)
    HELP
    }

    die() {
      echo "\(script.name): $1" >&2
      echo "Run it with --help to see its options." >&2
      exit 1
    }

    \(parser)
    # [ <-- needed because of Argbash
    \(body)# ] <-- needed because of Argbash

    """
  }

  // MARK: Declarations by kind

  private var values: [(name: String, help: String, default: String, short: String?)] {
    script.options.compactMap {
      if case .value(let name, let help, let value, let short) = $0 { (name, help, value, short) } else { nil }
    }
  }

  private var flags: [(name: String, help: String, short: String?)] {
    script.options.compactMap { if case .flag(let name, let help, let short) = $0 { (name, help, short) } else { nil } }
  }

  private var positionals: [(name: String, help: String)] {
    script.options.compactMap { if case .positional(let name, let help) = $0 { (name, help) } else { nil } }
  }

  private var openPositionals: (name: String, help: String, minimum: Int)? {
    script.options.lazy.compactMap { option in
      if case .positionals(let name, let help, let minimum) = option { (name, help, minimum) } else { nil }
    }.first
  }

  private var environment: [(name: String, help: String)] {
    script.options.compactMap { if case .environment(let name, let help) = $0 { (name, help) } else { nil } }
  }

  // MARK: Parts of the script

  private var defaults: String {
    (values.map { "\(variable($0.name))=\(quoted($0.default))\n" }
      + flags.map { "\(variable($0.name))=off\n" }
      + (openPositionals.map { ["\(variable($0.name))=()\n"] } ?? [])).joined()
  }

  private var parser: String {
    let options = (values.map(valueCases) + flags.map(flagCases)).joined()
    return """
      positionals=()
      while (($# > 0)); do
        case "$1" in
      \(options)    -h | --help)
            print_help
            exit 0
            ;;
          *) positionals+=("$1") ;;
        esac
        shift
      done

      """ + arity
  }

  private func valueCases(
    _ option: (name: String, help: String, default: String, short: String?)
  ) -> String {
    let names = ["--\(option.name)"] + (option.short.map { ["-\($0)"] } ?? [])
    return """
          \(names.joined(separator: " | ")))
            (($# > 1)) || die "option $1 needs a value"
            \(variable(option.name))="$2"
            shift
            ;;
          --\(option.name)=*) \(variable(option.name))="${1#*=}" ;;

      """
  }

  private func flagCases(_ flag: (name: String, help: String, short: String?)) -> String {
    let names = ["--\(flag.name)"] + (flag.short.map { ["-\($0)"] } ?? [])
    return """
          \(names.joined(separator: " | "))) \(variable(flag.name))=on ;;
          --no-\(flag.name)) \(variable(flag.name))=off ;;

      """
  }

  private var arity: String {
    if let open = openPositionals {
      return """
        ((${#positionals[@]} >= \(open.minimum))) \\
          || die "needs at least \(open.minimum) <\(open.name)>, got ${#positionals[@]}"
        \(variable(open.name))=("${positionals[@]}")

        """
    }
    let count = positionals.count
    let expected =
      count == 0 ? "takes no arguments" : "needs the arguments " + positionals.map(\.name).joined(separator: ", ")
    let assignments = positionals.enumerated().map { index, positional in
      "\(variable(positional.name))=\"${positionals[\(index)]}\"\n"
    }.joined()
    return """
      ((${#positionals[@]} == \(count))) || die "\(expected), got: ${positionals[*]:-none}"
      \(assignments)
      """
  }

  private var help: String {
    let usage =
      ["[OPTION]..."] + positionals.map { "<\($0.name)>" }
      + (openPositionals.map { ["<\($0.name)>..."] } ?? [])
    let rows =
      positionals.map { ("<\($0.name)>", $0.help) }
      + (openPositionals.map { [("<\($0.name)>...", "\($0.help) (at least \($0.minimum))")] } ?? [])
      + values.map { option in
        (
          (option.short.map { "-\($0), " } ?? "") + "--\(option.name) VALUE",
          option.help + (option.default.isEmpty ? "" : " (default: \(option.default))")
        )
      }
      + flags.map { ((($0.short.map { "-\($0), " } ?? "") + "--[no-]\($0.name)"), "\($0.help) (off by default)") }
      + [("-h, --help", "Print this text")]
    let width = rows.map(\.0.count).max() ?? 0
    var lines = [script.summary, "", "Usage: \(script.name).sh \(usage.joined(separator: " "))", ""]
    lines += rows.map { "  \($0.0.padded(to: width))  \($0.1)" }
    if !environment.isEmpty {
      lines += ["", "Environment:"] + environment.map { "  \($0.name): \($0.help)" }
    }
    return lines.joined(separator: "\n")
  }

  private func variable(_ name: String) -> String {
    "_arg_" + name.replacing("-", with: "_")
  }

  private func quoted(_ value: String) -> String {
    "\"\(value)\""
  }
}

extension String {
  /// The string padded with spaces to the given length.
  package func padded(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - count))
  }
}
