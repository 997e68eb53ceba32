import Foundation
import TestSupport
import Testing

/// A real nginx reads the rendered configuration and proves what it leads to.
@Suite(.needs("nginx"), .needs("python3"), .needs("curl"), .needs("openssl"))
struct NginxTests {
  struct Route: Sendable, CustomTestStringConvertible {
    let port: NginxPort
    let path: String
    let service: String
    let arrival: String
    var testDescription: String { "\(port)\(path)" }

    init(_ port: NginxPort, _ path: String, _ service: String, _ arrival: String? = nil) {
      (self.port, self.path, self.service, self.arrival) = (port, path, service, arrival ?? path)
    }
  }

  static let odd = "a%2Fb%20c//d/../e?x=1%262&y=%2F"
  static let routes = [
    Route(.front, "/api/v1/experiments?search=a&page=2", "restapi:5000"),
    Route(.front, "/api/v1/\(odd)", "restapi:5000"),
    Route(.front, "/api-docs/", "restapi:5000", "/"),
    Route(.front, "/api-docs/x", "restapi:5000", "/x"),
    Route(.front, "/api-docs/a/b%20c?x=1%262", "restapi:5000", "/a/b%20c?x=1%262"),
    Route(.front, "/swagger.json?x=1", "restapi:5000"),
    Route(.front, "/swaggerui/swagger-ui.css", "restapi:5000"),
    Route(.front, "/health", "restapi:5000"),
    Route(.front, "/health/", "restapi:5000", "/health"),
    Route(.front, "/health/?x=1", "restapi:5000", "/health?x=1"),
    Route(.mlflow, "/", "mlflow-tracking:5000"),
    Route(.mlflow, "/ajax-api/\(odd)", "mlflow-tracking:5000"),
    Route(.minio, "/", "minio:9000"),
    Route(.minio, "/bucket/\(odd)", "minio:9000"),
    Route(.console, "/", "minio:9001"),
    Route(.console, "/browser/\(odd)", "minio:9001"),
    Route(.dbadmin, "/", "dbadmin:35050"),
    Route(.dbadmin, "/login/\(odd)", "dbadmin:35050"),
  ]

  @Test(arguments: NginxMode.allCases, routes)
  func eachPathReachesItsBackEnd(mode: NginxMode, route: Route) async throws {
    let echo = try await NginxRig.shared(mode).ask(route.port, route.path).echo()
    #expect(echo.service == route.service)
    #expect(echo.path == route.arrival)
  }

  @Test(arguments: NginxMode.allCases, ["/", "/experiments/7?tab=1", "/healthy", "/assets/missing.js", "/apidocs"])
  func pathsOfTheFrontEndGetItsPage(mode: NginxMode, path: String) async throws {
    let reply = try await NginxRig.shared(mode).ask(.front, path)
    #expect(reply.status == 200)
    #expect(reply.type == "text/html")
    #expect(reply.body == "the front page")
  }

  @Test(arguments: NginxMode.allCases)
  func theFrontEndsAssetsAreServed(mode: NginxMode) async throws {
    let reply = try await NginxRig.shared(mode).ask(.front, "/assets/app.js")
    #expect(reply.status == 200)
    #expect(reply.type == "application/javascript")
    #expect(reply.body == "console.log('an asset')")
  }

  @Test(arguments: NginxMode.allCases, ["/api", "/api-docs", "/swaggerui", "/assets"])
  func aMissingSlashIsAddedAtThePublishedAddress(mode: NginxMode, path: String) async throws {
    let reply = try await NginxRig.shared(mode).ask(.front, path)
    #expect(reply.status == 301)
    #expect(reply.redirect == "\(mode)://dioptra.example.org\(path)/")
  }

  /// The client says nothing but the host and one forged header.
  @Test(arguments: NginxMode.allCases, NginxPort.allCases)
  func eachBackEndGetsItsHeadersAndNoOthers(mode: NginxMode, port: NginxPort) async throws {
    let rig = try await NginxRig.shared(mode)
    let path = port == .front ? "/api/v1/users/" : "/"
    let silence = ["-H", "User-Agent:", "-H", "Accept:", "-H", "X-Forwarded-For: 203.0.113.9"]
    let echo = try await rig.ask(port, path, silence).echo()
    let (host, forged) = ("Host: dioptra.example.org\(port.suffix)", "X-Forwarded-For: 203.0.113.9")
    let expected =
      switch port {
      case .front, .mlflow:
        [
          host, "X-Real-IP: 127.0.0.1", "\(forged), 127.0.0.1", "X-Forwarded-Proto: \(mode)", "Connection: close",
        ]
      case .dbadmin: [host, "X-Scheme: \(mode)", "X-Forwarded-Port: 35050", forged, "Connection: close"]
      case .minio: [host, forged]
      case .console: ["Host: dioptra-deployment-minio:9001", "X-NginX-Proxy: true", "Connection: upgrade", forged]
      }
    #expect(echo.headers.sorted() == expected.sorted())
  }

  @Test(arguments: NginxMode.allCases)
  func theConsoleLearnsThatTheBrowserWantsAnotherProtocol(mode: NginxMode) async throws {
    let options = ["-H", "Connection: keep-alive, Upgrade", "-H", "Upgrade: websocket"]
    let echo = try await NginxRig.shared(mode).ask(.console, "/", options).echo()
    #expect(echo.headers.contains("Upgrade: websocket"))
    #expect(echo.headers.contains("Connection: upgrade"))
  }

  @Test func theConsoleSpeaksWebSocket() async throws {
    let request = "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello"
    let rig = try await NginxRig.shared(.http)
    let answer = try await rig.talk(Array(request.utf8), to: NginxPort.console.rawValue)
    let text = String(decoding: answer, as: UTF8.self)
    #expect(text.hasPrefix("HTTP/1.1 101 "))
    #expect(text.hasSuffix("HELLO"))
  }

  @Test(arguments: NginxMode.allCases, [NginxPort.minio, .console])
  func theObjectStoreIsSpokenToInHTTP11(mode: NginxMode, port: NginxPort) async throws {
    #expect(try await NginxRig.shared(mode).ask(port, "/").echo().version == "HTTP/1.1")
  }

  /// The back end answers although most of the body is still to come.
  @Test func objectsPassAsTheyCome() async throws {
    let request = "PUT /early HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nbeginning"
    let rig = try await NginxRig.shared(.http)
    let answer = try await rig.talk(Array(request.utf8), to: NginxPort.minio.rawValue, expecting: 15)
    #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 200 OK"))
  }

  @Test(arguments: NginxMode.allCases)
  func theDatabasesBytesPassBothWays(mode: NginxMode) async throws {
    let bytes = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    let answer = try await NginxRig.shared(mode).talk(bytes, to: 5432, expecting: 1 + bytes.count)
    #expect(answer == [14] + bytes.map { ~$0 })
  }

  @Test(arguments: NginxMode.allCases)
  func nginxStartsBeforeAnyNameIsKnown(mode: NginxMode) async throws {
    let rig = try await NginxRig(mode, resolving: false)
    #expect(try await rig.ask(.front, "/").status == 200)
    for (port, path) in NginxPort.allCases.map({ ($0, $0 == .front ? "/api/v1/" : "/") }) {
      #expect(try await rig.ask(port, path).status == 502, "\(port)")
    }
    #expect(try await rig.talk([1], to: 5432) == [])
  }

  @Test(arguments: NginxMode.allCases)
  func nginxFollowsNamesThatAppearAndMove(mode: NginxMode) async throws {
    let rig = try await NginxRig(mode, ["deployment_name": "Other lab"], resolving: false)
    #expect(try await rig.ask(.front, "/health").status == 502)
    for (restapi, db) in [(10, 14), (110, 114)] {
      try rig.name(restapi: restapi, db: db, prefix: "other-lab")
      try await eventually { try await rig.ask(.front, "/health").echo().number == restapi }
      try await eventually { try await rig.talk([7], to: 5432, expecting: 2) == [UInt8(db), 248] }
    }
  }

  private func eventually(_ isTrue: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < end {
      if (try? await isTrue()) == true { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    #expect(try await isTrue())
  }
}
