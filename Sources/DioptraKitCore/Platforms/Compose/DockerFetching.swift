public import DioptraPlatform
internal import DioptraSystem

extension DockerEngine {
  /// Fetches an image through the engine's interface, which reports bytes; the client reports them only on a terminal.
  public func fetch(_ image: String, watch: @escaping @Sendable (FetchProgress) -> Void) async throws {
    let reference = ImageReference(image)
    var call = EngineAPI.Call(
      method: "POST", query: [("fromImage", reference.name), ("tag", reference.version)])
    if let login = await RegistryLogin.find(for: reference) { call.fields["X-Registry-Auth"] = try login.header }
    var progress = PullProgress()
    var complaint: [UInt8] = []
    let head: HTTPHead
    do {
      head = try await api.stream("/images/create", call) { head, piece in
        guard head.status == 200 else { return complaint += piece }
        for report in try progress.add(piece) { watch(report) }
      }
    } catch let fault as SystemFault {
      throw FetchFailure.interrupted("the engine does not answer: \(fault.words)")
    } catch is HTTPResponseReader.Fault {
      throw FetchFailure.interrupted("the engine stopped answering")
    }
    guard head.status == 200 else {
      let answer = EngineAPI.Answer(status: head.status, body: complaint)
      throw FetchFailure(dockerSaying: answer.message)
    }
  }
}
