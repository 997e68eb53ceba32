internal import DioptraModel
internal import DioptraSystem

/// A container-side script as a template for argbash: options in comment lines that argbash reads, then the body.
struct ArgbashTemplate {
  let script: ContainerScript
  let body: Text

  var text: Text {
    let head = [
      "#!/usr/bin/env bash",
      "#",
      "# \(script.summary)",
      "# `init-scripts.sh` makes \(script.name).sh from this file; change both, or change this one and run it.",
      "#",
      "# m4_ignore(",
      "echo \"this is a template: run \(script.name).sh, or process this file with argbash\" >&2",
      "exit 11 #)",
    ]
    let declarations =
      script.options.map(declaration) + [
        "# ARG_DEFAULTS_POS",
        "# ARGBASH_SET_INDENT([  ])",
        "# ARG_HELP([\(script.summary)\\n])",
        "# ARGBASH_GO()",
        "",
        "# [ <-- needed because of Argbash",
      ]
    let lines = (head + declarations).map { "\($0)\n" }.joined()
    return "\(lines)\(body)# ] <-- needed because of Argbash\n"
  }

  private func declaration(_ option: ContainerScript.Option) -> String {
    switch option {
    case .value(let name, let help, let value, let short):
      "# ARG_OPTIONAL_SINGLE([\(name)],[\(short ?? "")],[\(help)],[\(value)])"
    case .flag(let name, let help, let short): "# ARG_OPTIONAL_BOOLEAN([\(name)],[\(short ?? "")],[\(help)])"
    case .positional(let name, let help): "# ARG_POSITIONAL_SINGLE([\(name)],[\(help)])"
    case .positionals(let name, let help, let minimum): "# ARG_POSITIONAL_INF([\(name)],[\(help)],[\(minimum)])"
    case .environment(let name, let help): "# ARG_USE_ENV([\(name)],[],[\(help)])"
    }
  }
}
