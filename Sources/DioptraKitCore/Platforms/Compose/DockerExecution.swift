internal import DioptraPlatform
internal import DioptraSystem

/// Commands in running containers, without input.
extension DockerEngine {
  private struct NewExecution: Encodable {
    let command: [String]
    let output = true
    let errors = true

    enum CodingKeys: String, CodingKey {
      case command = "Cmd"
      case output = "AttachStdout"
      case errors = "AttachStderr"
    }
  }

  private struct Created: Decodable {
    let id: String

    enum CodingKeys: String, CodingKey {
      case id = "Id"
    }
  }

  private struct Beginning: Encodable {
    let isDetached = false
    let hasTerminal = false

    enum CodingKeys: String, CodingKey {
      case isDetached = "Detach"
      case hasTerminal = "Tty"
    }
  }

  private struct Execution: Decodable {
    let exitCode: Int?

    enum CodingKeys: String, CodingKey {
      case exitCode = "ExitCode"
    }
  }

  /// Runs a command in a container until it ends.
  ///
  /// - Parameter eachPiece: Receives both outputs.
  /// - Returns: The exit status; nil if the engine could not run the command, with its reason as output.
  func execute(
    _ command: [String], in container: String, eachPiece: @Sendable (StreamFrames.Frame) -> Void
  ) async throws -> Int32? {
    let made = try await reaching {
      try await api.post("/containers/\(container)/exec", body: NewExecution(command: command))
    }
    guard made.succeeded, let id = try? made.decoded(Created.self).id else {
      eachPiece(StreamFrames.Frame(isError: true, bytes: made.body))
      return nil
    }
    var frames = StreamFrames()
    let started = try await reaching {
      var complaint: [UInt8] = []
      let head = try await api.stream("/exec/\(id)/start", try .post(Beginning())) { head, piece in
        guard head.status == 200 else { return complaint += piece }
        for frame in frames.add(piece) { eachPiece(frame) }
      }
      return EngineAPI.Answer(status: head.status, body: complaint)
    }
    guard started.succeeded else {
      eachPiece(StreamFrames.Frame(isError: true, bytes: started.body))
      return nil
    }
    return try await ask("/exec/\(id)/json", as: Execution.self).exitCode.map(Int32.init)
  }
}
