public import DioptraPlatform
internal import DioptraSystem

extension DockerEngine {
  /// Runs the program with `docker exec` or `docker run`. A status from 125 on counts as Docker's own failure.
  public func run(_ program: Program, within seconds: Int?) async throws -> ProgramOutcome {
    let command = command(for: program)
    guard let seconds else { return ProgramOutcome(try await command.outcome()) }
    return ProgramOutcome(try await command.outcome(within: seconds))
  }

  /// The same, with standard output passed on piece by piece.
  public func run(_ program: Program, writing eachPiece: ([UInt8]) throws -> Void) async throws -> ProgramOutcome {
    ProgramOutcome(try await command(for: program).writing(eachPiece: eachPiece))
  }

  /// The same, with standard input fed piece by piece.
  public func run(_ program: Program, reading nextPiece: () throws -> [UInt8]?) async throws -> ProgramOutcome {
    ProgramOutcome(try await command(for: program, isInteractive: true).reading(nextPiece))
  }

  /// - Parameter isInteractive: Whether the program reads standard input.
  func command(for program: Program, isInteractive: Bool = false) -> ExternalCommand {
    let interactive = isInteractive ? ["--interactive"] : []
    switch program.place {
    case .container(let container): return docker(["exec"] + interactive + [container] + program.arguments)
    case .alone(let sandbox):
      let mounts = sandbox.mounts.flatMap { ["--volume", "\($0.volume):\($0.path):\($0.isReadOnly ? "ro" : "rw")"] }
      return docker(
        ["run", "--rm"] + interactive
          // The engine would keep a copy of all output in the container's log.
          + ["--log-driver", "none", "--network", "none", "--pull", "never"]
          + (sandbox.isRoot ? ["--user", "root"] : [])
          + ["--label", "\(Self.deploymentLabel)=\(sandbox.deployment)"] + mounts
          + ["--entrypoint", program.arguments[0], sandbox.image] + program.arguments.dropFirst())
    }
  }
}

extension ProgramOutcome {
  /// Docker's own failures have statuses from 125.
  init(_ outcome: ExternalCommand.Outcome) {
    self.init(
      status: outcome.status, output: outcome.output, errors: outcome.errors, hasRun: outcome.status < 125)
  }
}
