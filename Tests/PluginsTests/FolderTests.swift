import DioptraKitCore
import TestSupport
import Testing

struct FolderTests {
  @Test func theFolderHasEveryFileOfTheReference() throws {
    let folder = try RenderedFolder()
    let files = try folder.scratch.files()
    #expect(files[".env"] == 0o600)
    #expect(files["docker-compose.yml"] == 0o644)
  }
}
