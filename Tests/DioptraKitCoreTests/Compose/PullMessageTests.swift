import Testing

@testable import DioptraCompose
@testable import DioptraPlatform

/// What the engine says while it fetches an image.
struct PullMessageTests {
  private func reports(_ lines: [String], cutAt size: Int = .max) throws -> [FetchProgress] {
    var progress = PullProgress()
    let bytes = Array(lines.map { "\($0)\r\n" }.joined().utf8)
    var reports: [FetchProgress] = []
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + min(size, bytes.count))
      reports += try progress.add(Array(bytes[start..<end]))
      start = end
    }
    return reports
  }

  private static let whole = [
    #"{"status":"Pulling from lab/one","id":"1"}"#,
    #"{"status":"Already exists","progressDetail":{},"id":"aaa"}"#,
    #"{"status":"Pulling fs layer","progressDetail":{},"id":"bbb"}"#,
    #"{"status":"Pulling fs layer","progressDetail":{},"id":"ccc"}"#,
    #"{"status":"Waiting","progressDetail":{},"id":"ccc"}"#,
    #"{"status":"Downloading","progressDetail":{"current":40,"total":100},"id":"bbb"}"#,
    #"{"status":"Downloading","progressDetail":{"current":10,"total":50},"id":"ccc"}"#,
    #"{"status":"Download complete","progressDetail":{},"id":"bbb"}"#,
    #"{"status":"Extracting","progressDetail":{"current":70,"total":100},"id":"bbb"}"#,
    #"{"status":"Pull complete","progressDetail":{},"id":"bbb"}"#,
    #"{"status":"Download complete","progressDetail":{},"id":"ccc"}"#,
    #"{"status":"Extracting","progressDetail":{"current":1,"units":"s"},"id":"ccc"}"#,
    #"{"status":"Pull complete","progressDetail":{},"id":"ccc"}"#,
    #"{"status":"Digest: sha256:00"}"#,
    #"{"status":"Status: Downloaded newer image for lab/one:1"}"#,
  ]

  @Test func bytesAreCountedOverAllLayersThatCome() throws {
    let reports = try reports(Self.whole)
    #expect(reports.map(\.bytes) == [0, 0, 0, 0, 0, 40, 50, 110, 110, 110, 150, 150, 150, 150, 150])
    #expect(reports[5].total == nil && reports[6].total == 150)
    #expect(reports[4].phase == .queued && reports[6].phase == .downloading)
    #expect(reports[11].phase == .extracting && reports.last?.layers == 2)
  }

  @Test(arguments: [1, 2, 3, 7, 64, 100])
  func piecesMayEndAnywhere(size: Int) throws {
    #expect(try reports(Self.whole, cutAt: size) == reports(Self.whole))
  }

  @Test func aLayerThatIsResumedCountsWhatIsLeft() throws {
    let reports = try reports([
      #"{"status":"Downloading","progressDetail":{"current":60,"total":100},"id":"bbb"}"#,
      #"{"status":"Retrying in 5 seconds","progressDetail":{},"id":"bbb"}"#,
      #"{"status":"Downloading","progressDetail":{"current":10,"total":40},"id":"bbb"}"#,
    ])
    #expect(reports.map(\.bytes) == [60, 60, 70])
    #expect(reports.map(\.total) == [100, 100, 100])
    #expect(reports.map(\.note) == [nil, "retrying in 5 seconds", nil])
  }

  @Test func anErrorInTheStreamEndsIt() throws {
    let error = #"{"errorDetail":{"message":"unexpected EOF"},"error":"unexpected EOF"}"#
    #expect(throws: FetchFailure.interrupted("unexpected EOF")) { try reports(Self.whole + [error]) }
  }

  /// As an engine of version 20.10 says it.
  @Test(arguments: [
    ("manifest for 127.0.0.1:46117/nowhere:1 not found: manifest unknown: manifest unknown", FetchFailure.missing),
    ("manifest unknown", .missing),
    (#"Head "http://127.0.0.1:40707/v2/i0/manifests/1": no basic auth credentials"#, .loginNeeded),
    ("unauthorized: authentication required", .loginNeeded),
    (#"Head "http://127.0.0.1:46117/v2/i34/manifests/1": denied"#, .loginNeeded),
    (
      "pull access denied for lab/i3, repository does not exist or may require 'docker login': denied: requested access",
      .missing
    ),
    ("toomanyrequests: You have reached your pull rate limit.", .rateLimited),
    (
      #"error parsing HTTP 429 response body: invalid character 's' looking for beginning of value: "slow down""#,
      .rateLimited
    ),
    (
      "received unexpected HTTP status: 500 Internal Server Error",
      .interrupted("received unexpected HTTP status: 500 Internal Server Error")
    ),
    ("unexpected EOF", .interrupted("unexpected EOF")),
    (
      #"Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused"#,
      .interrupted(#"Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused"#)
    ),
    (
      #"Get "https://registry.invalid/v2/": dial tcp: lookup registry.invalid on 10.0.0.1:53: no such host"#,
      .interrupted(
        #"Get "https://registry.invalid/v2/": dial tcp: lookup registry.invalid on 10.0.0.1:53: no such host"#)
    ),
    (#"Get "https://10.211.0.1:41239/v2/": x509: certificate signed by unknown authority"#, .untrusted),
    (
      #"Get "https://10.211.0.1:38139/v2/": tls: first record does not look like a TLS handshake"#,
      .refused("its registry speaks plain HTTP, and the engine expects HTTPS")
    ),
    ("no matching manifest for linux/amd64 in the manifest list entries", .otherArchitecture),
    (
      "failed to register layer: Error processing tar file(exit status 1): write /data-1: no space left on device",
      .spaceInsufficient
    ),
    ("something else", .refused("something else")),
  ])
  func theEnginesWordsAreUnderstood(message: String, failure: FetchFailure) {
    #expect(FetchFailure(dockerSaying: message) == failure)
  }
}

struct ImageReferenceTests {
  @Test(arguments: [
    ("postgres", nil, "postgres", "latest"), ("postgres:17", nil, "postgres", "17"),
    ("docker.io/library/postgres:17", nil, "docker.io/library/postgres", "17"),
    ("quay.io/minio/mc:RELEASE.1", "quay.io", "quay.io/minio/mc", "RELEASE.1"),
    ("127.0.0.1:5000/a/b", "127.0.0.1:5000", "127.0.0.1:5000/a/b", "latest"),
    ("localhost/a:2", "localhost", "localhost/a", "2"), ("dioptra/restapi:dev", nil, "dioptra/restapi", "dev"),
    ("a.b/c:1@sha256:0f", "a.b", "a.b/c", "sha256:0f"), ("c@sha256:0f", nil, "c", "sha256:0f"),
  ])
  func aNameIsTakenApart(text: String, registry: String?, name: String, version: String) {
    let reference = ImageReference(text)
    #expect(reference.registry == registry && reference.name == name && reference.version == version)
  }
}
