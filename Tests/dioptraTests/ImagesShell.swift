import Foundation
import TestSupport
import Testing

/// A deployment in `lab`, and a `docker` whose images are files.
struct ImagesShell {
  let shell: Shell
  var scratch: Scratch { shell.scratch }

  /// - Parameter version: Docker's.
  init(version: String = "28.2.2") async throws {
    shell = try Shell()
    try scratch.write(Self.script(version, store: scratch.file("store")), to: "bin/docker")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.file("bin/docker"))
    try scratch.write("", to: "store/.keep")
    _ = try await run("init", "lab", "--no-input", "--render-only")
    for name in try await names() { try put(name, "the layers of \(name)") }
  }

  /// An image is a file with its name, in which a slash is an underscore.
  private static func script(_ version: String, store: String) -> String {
    """
    #!/bin/bash
    echo "$*" >> '\(store)/.calls'
    cd '\(store)'
    case "$*" in
      "system dial-stdio")
        containers='[]'
        [[ ! -f .running ]] || containers=$(cat .running)
        python3 -c 'import json, sys; json.dump({"GET /info": [sys.argv[1]], "GET /containers/json": [sys.argv[2]]}, sys.stdout)' \\
          '{"ID": "E1", "ServerVersion": "\(version)", "DockerRootDir": "\(store)"}' "$containers" > .engine.$$
        exec python3 '\(StandInDocker.engine)' .engine.$$ ;;
      *"version --short") echo 2.26.1 ;;
      *"config --format json") echo '{"name": "lab"}' ;;
      "context inspect"*) echo unix:///dev/null/engine.sock ;;
      "version --format"*) cat .platform 2>/dev/null || echo linux/amd64 ;;
      "image inspect"*)
        shift 2
        separator='['; status=0
        for name; do
          if [[ -f ${name//\\//_} ]]; then
            id=$(sha256sum < "${name//\\//_}"); id=${id%% *}
            printf '%s{"Id": "sha256:%s", "RepoDigests": ["%s@sha256:%s"], "Os": "linux", "Architecture": "amd64",' \\
              "$separator" "$id" "${name%:*}" "$id"
            printf '"Size": 1000, "Created": "2026-01-01T00:00:00Z", "RootFS": {"Layers": ["%s"]}}' "$id"
            separator=,
          else
            echo "Error response from daemon: No such image: $name" >&2; status=1
          fi
        done
        [[ $separator == , ]] || printf '['
        echo ']'; exit $status ;;
      "image save"*) echo "$3"; cat "${3//\\//_}" ;;
      "image load --quiet")
        cat > .loading
        case $(head -c 4 .loading | od -An -tx1 | tr -d ' ') in
          28b52ffd) zstd -q -d -c < .loading > .loaded ;;
          1f8b*) gzip -d -c < .loading > .loaded ;;
          *) mv .loading .loaded ;;
        esac
        name=$(head -n 1 .loaded); tail -n +2 .loaded > "${name//\\//_}" ;;
      "inspect --format {{.Id}} {{.Image}}"*) cat .created ;;
      *) exit 1 ;;
    esac
    """
  }

  @discardableResult
  func run(
    _ arguments: String..., status: Int32? = 0, fault: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Tool.Outcome {
    let outcome = try await Tool.run(
      Tool.dioptra, arguments,
      environment: ["HOME": scratch.path, "PATH": "\(scratch.file("bin")):/usr/bin:/bin"]
        .merging(fault.map { ["DIOPTRA_FAULT": $0] } ?? [:]) { $1 },
      in: scratch.path)
    if let status {
      try #require(
        outcome.status == status, "dioptra \(arguments): \(outcome.output)\(outcome.errors)",
        sourceLocation: sourceLocation)
    }
    return outcome
  }

  // MARK: Images

  /// The deployment's images.
  func names() async throws -> [String] {
    let list = try Shell.object(try await run("images", "list", "--json", "-C", "lab"))
    return try #require(list["images"] as? [[String: Any]]).compactMap { $0["name"] as? String }
  }

  func file(of name: String) -> String { "store/\(name.replacing("/", with: "_"))" }
  func put(_ name: String, _ content: String) throws { try scratch.write(content, to: file(of: name)) }

  func remove(_ names: [String]) throws {
    for name in names { try FileManager.default.removeItem(atPath: scratch.file(file(of: name))) }
  }

  /// What the engine has, by the images' names.
  func images(_ names: [String]) throws -> [String: String] {
    try Dictionary(uniqueKeysWithValues: names.map { ($0, try scratch.read(file(of: $0))) })
  }

  /// The calls of `docker` that begin like this.
  func calls(_ beginning: String) throws -> Int {
    try scratch.read("store/.calls").split(separator: "\n").count { $0.hasPrefix(beginning) }
  }
}
