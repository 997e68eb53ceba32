import Foundation
import TestSupport
import Testing

/// Which folders `init` takes, and where values come from.
struct InitFolderTests {
  private let shell: Shell
  private var scratch: Scratch { shell.scratch }

  init() throws {
    shell = try Shell()
  }

  @Test func missingParentFoldersAreCreated() async throws {
    #expect(try await shell.dioptra("init", "a/b/c", "--no-input").status == 0)
    #expect(try scratch.files(below: "a/b/c")["docker-compose.yml"] == 0o644)
  }

  @Test func aFolderThatHoldsOnlyGitIsAccepted() async throws {
    try scratch.write("ref: refs/heads/main\n", to: "lab/.git/HEAD")
    #expect(try await shell.dioptra("init", "lab", "--no-input").status == 0)
  }

  @Test func aFolderWithSomethingElseIsRefused() async throws {
    try scratch.write("x", to: "lab/notes.txt")
    let outcome = try await shell.dioptra("init", "lab", "--no-input")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("is not empty and not a deployment"))
    #expect(try scratch.files() == ["lab/notes.txt": 0o644])
  }

  @Test func secretsWithoutStateAreNeverReplaced() async throws {
    _ = try await shell.dioptra("init", "lab", "--no-input")
    try FileManager.default.removeItem(atPath: scratch.file("lab/.dioptra"))
    let before = try scratch.read("lab/.env")
    let outcome = try await shell.dioptra("init", "lab")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("Run `dioptra adopt \(scratch.file("lab"))`"))
    #expect(try scratch.read("lab/.env") == before)
  }

  @Test func aCloneOfACommittedDeploymentGetsSecretsOfItsOwn() async throws {
    _ = try await shell.dioptra("init", "lab", "--no-input", "--set", "deployment_name=Lab")
    for name in [".dioptra", ".env", "secrets"] {
      try FileManager.default.removeItem(atPath: scratch.file("lab/\(name)"))
    }
    #expect(try await shell.dioptra("init", "lab").status == 0)
    #expect(try shell.values(of: "lab/.env")["MINIO_KMS_SECRET_KEY"]?.hasPrefix("lab-minio-key:") == true)
  }

  @Test func aSecondDeploymentOfOneNameIsRefused() async throws {
    _ = try await shell.dioptra("init", "--no-input")
    let outcome = try await shell.dioptra("init", "--no-input")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("there is a deployment in"))
  }

  @Test func valuesComeFromTheReferencesContextAndTheCommandLineWins() async throws {
    try scratch.write(
      #"{"cookiecutter": {"deployment_name": "From file", "nginx_expose_ports_on_localhost_only": "False", "__restapi_http_port": "8080", "_template": "x"}}"#,
      to: "context.json")
    let outcome = try await shell.dioptra(
      "init", "--no-input", "--values", "context.json", "--set", "restapi_http_port=8888")
    #expect(outcome.status == 0)
    let compose = try scratch.read("from-file/docker-compose.yml")
    #expect(compose.contains("- \"8888:30080/tcp\""))
    let configuration = try scratch.read("from-file/dioptra.yaml")
    #expect(configuration.contains("\nrestapi_http_port: 8888\n"))
    #expect(configuration.contains("\nnginx_expose_ports_on_localhost_only: false\n"))
  }

  @Test func aFaultInTheValuesIsNamedWithFileLineAndColumn() async throws {
    try scratch.write("db_port: 35432\ndb_port_: 1\n", to: "answers.yaml")
    let outcome = try await shell.dioptra("init", "--no-input", "--values", "answers.yaml")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("answers.yaml:2:1: there is no variable 'db_port_'"))
    #expect(try await shell.dioptra("init", "--no-input", "--values", "answers.yaml", "--json").output.contains("2:1"))
  }

  @Test func optionsOfTheReferencesScriptAreRemembered() async throws {
    _ = try await shell.dioptra(
      "init", "lab", "--no-input", "--enable-nginx-ssl", "--branch", "main", "--worker-ssl-service", "pytorchcpu",
      "--skip-minio-setup")
    let configuration = try scratch.read("lab/dioptra.yaml")
    for line in ["enable_nginx_ssl: true", "branch: main", "skip_minio_setup: true", "worker_ssl_service: pytorchcpu"] {
      #expect(configuration.contains("\n\(line)\n"), "\(line)")
    }
  }

  @Test func aTildeMeansTheHomeFolder() async throws {
    try scratch.write("x", to: "datasets/one.csv")
    #expect(try await shell.dioptra("init", "lab", "--no-input", "--set", "datasets_directory=~/datasets").status == 0)
    #expect(try scratch.read("lab/docker-compose.yml").contains("- \"\(scratch.file("datasets")):/dioptra/data:ro\""))
  }

  @Test(.needs("python3"))
  func onATerminalEachChoiceIsAskedForAndABadAnswerIsRepeated() async throws {
    let program = """
      import os, pty, sys
      answers = ["Asked lab", "", "", "", "", "bad name!", "_"] + [""] * 20
      pid, terminal = pty.fork()
      if pid == 0:
          os.execv(sys.argv[1], [sys.argv[1], "init", "--render-only"])
      seen = b""
      try:
          while True:
              data = os.read(terminal, 1024)
              if not data:
                  break
              seen += data
              if data.rstrip(b" ").endswith(b"]:"):
                  os.write(terminal, answers.pop(0).encode() + b"\\n")
      except OSError:
          pass
      sys.stdout.write(seen.decode())
      sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
      """
    let outcome = try await Tool.run("python3", ["-c", program, Tool.dioptra], in: scratch.path)
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.contains("nginx_server_name cannot be 'bad name!'"))
    let configuration = try scratch.read("asked-lab/dioptra.yaml")
    #expect(configuration.contains("\ndeployment_name: Asked lab\n"))
    #expect(configuration.contains("\nnginx_server_name: _\n"))
    #expect(configuration.contains("\n# num_pytorch_cpu_workers: 1\n"))
  }
}
