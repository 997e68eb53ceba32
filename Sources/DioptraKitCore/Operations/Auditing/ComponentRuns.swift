internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The runs that changed a component, including its lines in files that several components share.
///
/// A recorded file does not say who owns its lines. So its configuration is rendered again, and each recorded line is
/// assigned to the owner of the same or corresponding rendered line.
struct ComponentRuns {
  private let state: State
  private let component: ComponentID
  private let registry: ComponentRegistry
  private let identity: Identity
  /// The rendering of each configuration; nil if this program cannot render it.
  private var trees: [String: RenderedTree?] = [:]

  init(of component: ComponentID, in state: State, folder: String, registry: ComponentRegistry) throws {
    self.state = state
    self.component = component
    self.registry = registry
    identity = Identity(deployment: try state.deployment, folder: folder)
  }

  /// The runs whose generation has another file of the component, or other lines of it in another component's file.
  ///
  /// - Parameter known: Runs that need no check.
  mutating func runs(but known: Set<Int>) throws -> Set<Int> {
    var found = known
    var loaded: (id: Int, old: State.Generation?, new: State.Generation)?
    for file in try state.changedFiles() where !found.contains(file.run) {
      guard file.component != component else {
        found.insert(file.run)
        continue
      }
      if loaded?.id != file.generation {
        guard let new = try state.generation(file.generation) else { continue }
        loaded = (file.generation, try state.generation(before: file.generation), new)
      }
      guard let loaded else { continue }
      let before = loaded.old.map { lines(of: file.path, in: $0) } ?? []
      if before != lines(of: file.path, in: loaded.new) { found.insert(file.run) }
    }
    return found
  }

  /// The component's lines of a file as it was expected on disk.
  private mutating func lines(of path: String, in generation: State.Generation) -> [String] {
    guard let text = generation.files[path]?.recorded?.text, text.isMergeable,
      let file = tree(of: generation)?[path]
    else { return [] }
    let recorded = text.masked.linesWithEnds
    // Lines with secrets also differ by their versions.
    let exact = text.characters.linesWithEnds
    let owners = Self.owners(of: recorded, by: file)
    return zip(exact.count == recorded.count ? exact : recorded, owners).filter { line, owners in
      owners.contains(component) && line.contains { !$0.isWhitespace }
    }.map(\.0)
  }

  private mutating func tree(of generation: State.Generation) -> RenderedTree? {
    if let known = trees[generation.configuration] { return known ?? nil }
    let file = try? ConfigurationFile(text: generation.configuration)
    let deployment = file.flatMap { try? Deployment(registry: registry, file: $0, identity: identity) }
    trees[generation.configuration] = .some(deployment?.tree)
    return deployment?.tree
  }

  /// The owner of each line of a text that was edited from a file.
  private static func owners(of lines: [String], by file: RenderedFile) -> [Set<ComponentID>] {
    let rendered = file.ownedLines
    var owners: [Set<ComponentID>] = []
    var position = 0
    for change in LineDifference(from: rendered.map(\.text), to: lines).changes {
      owners += rendered[position..<change.old.lowerBound].map(\.owners)
      let replaced = rendered[change.old].reduce(into: Set()) { $0.formUnion($1.owners) }
      let near = change.old.lowerBound > 0 ? rendered[change.old.lowerBound - 1].owners : [file.component]
      owners += change.new.map { _ in replaced.isEmpty ? near : replaced }
      position = change.old.upperBound
    }
    return owners + rendered[position...].map(\.owners)
  }
}

extension RenderedFile {
  /// The lines, without secrets, with the components that contributed to each.
  fileprivate var ownedLines: [(text: String, owners: Set<ComponentID>)] {
    var lines: [(text: String, owners: Set<ComponentID>)] = []
    var isOpen = false
    for segment in text.segments {
      let owner = component(of: segment)
      for piece in segment.masked.linesWithEnds {
        if isOpen {
          lines[lines.count - 1].text += piece
          lines[lines.count - 1].owners.insert(owner)
        } else {
          lines.append((piece, [owner]))
        }
        isOpen = !piece.hasSuffix("\n")
      }
    }
    return lines
  }
}
