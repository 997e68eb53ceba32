import TestSupport
import Testing

/// How large and how slow a request may be.
@Suite(.needs("nginx"), .needs("python3"), .needs("curl"), .needs("openssl"))
struct NginxLimitsTests {
  static let mebibyte = 1 << 20
  static let limits: [(port: NginxPort, mebibytes: Int)] = [(.front, 128), (.mlflow, 100), (.dbadmin, 128)]

  /// One after the other: much data moves.
  @Test(.serialized, arguments: NginxMode.allCases, limits)
  func bodiesUpToTheLimitPass(mode: NginxMode, limit: (port: NginxPort, mebibytes: Int)) async throws {
    let rig = try await NginxRig.shared(mode)
    let size = limit.mebibytes * Self.mebibyte
    #expect(try await rig.send(size, to: limit.port).echo().length == size)
    #expect(try await rig.send(size + 1, to: limit.port).status == 413)
  }

  @Test(arguments: NginxMode.allCases)
  func objectsMayBeLarge(mode: NginxMode) async throws {
    let rig = try await NginxRig.shared(mode)
    let echo = try await rig.send(200 * Self.mebibyte, to: .minio, "/bucket/object").echo()
    #expect(echo.length == 200 * Self.mebibyte)
    #expect(echo.method == "PUT")
  }

  @Test(arguments: NginxMode.allCases, [NginxPort.minio, .console])
  func objectsHaveALimitToo(mode: NginxMode, port: NginxPort) async throws {
    #expect(try await NginxRig.shared(mode).send(4000 * Self.mebibyte + 1, to: port, "/bucket/object").status == 413)
  }

  @Test func aBrowserMayPauseADownload() async throws {
    let rig = try await NginxRig.shared(.http)
    let script = "curl -s --noproxy '*' http://\(rig.address):30080/api/v1/large | (sleep 3; wc -c)"
    let count = try await Tool.run("sh", ["-c", script])
    #expect(Int(count.output.filter(\.isNumber)) == 32 * Self.mebibyte)
  }

  private static let chosen = Dictionary(
    uniqueKeysWithValues: NginxMode.allCases.map { mode in
      let values = [
        "nginx_client_max_body_size": "2m", "nginx_proxy_read_timeout": "4s", "nginx_db_proxy_timeout": "2s",
      ]
      return (mode, Task { try await NginxRig(mode, values) })
    })

  private func chosen(_ mode: NginxMode) async throws -> NginxRig {
    try await #require(Self.chosen[mode]).value
  }

  @Test(arguments: NginxMode.allCases)
  func theLargestBodyCanBeChosen(mode: NginxMode) async throws {
    let rig = try await chosen(mode)
    #expect(try await rig.send(2 * Self.mebibyte, to: .front).status == 200)
    #expect(try await rig.send(2 * Self.mebibyte + 1, to: .front).status == 413)
    #expect(try await rig.send(3 * Self.mebibyte, to: .mlflow).status == 200)
  }

  @Test(arguments: NginxMode.allCases)
  func theTimeOfAnAnswerCanBeChosen(mode: NginxMode) async throws {
    let reply = try await chosen(mode).ask(.front, "/api/v1/pause")
    #expect(reply.status == 504)
  }

  @Test(arguments: NginxMode.allCases)
  func theTimeOfASilentDatabaseConnectionCanBeChosen(mode: NginxMode) async throws {
    #expect(try await chosen(mode).talk([], to: 5432) == [14])
  }
}
