public import DioptraSystem

/// An image whose trust store must contain the user's certificate authorities, kept in two volumes that its services
/// mount.
public struct TrustStore: Codable, Equatable, Sendable {
  /// The pair of volumes. If several images offer to fill the same pair, the first one does.
  public var name: String
  /// The init service that fills it.
  public var service: ServiceName
  /// The value that chooses this image if several offer to fill the pair.
  public var choice: String
  /// The variable that holds the choice.
  public var choiceVariable: VariableName?
  /// The image whose trust store it is; usually the value of a variable.
  public var image: Text
  /// Contains the extra certificate authorities.
  public var authorities: VolumeName
  /// Contains the image's `/etc/ssl` with the bundle.
  public var bundle: VolumeName
  /// Offers of a lower rank come first.
  public var rank: Int

  /// An offer to fill a pair of volumes from an image.
  public init(
    _ name: String, service: ServiceName, choice: String, choiceVariable: VariableName? = nil, image: Text,
    authorities: VolumeName, bundle: VolumeName, rank: Int = 0
  ) {
    self.name = name
    self.service = service
    self.choice = choice
    self.choiceVariable = choiceVariable
    self.image = image
    self.authorities = authorities
    self.bundle = bundle
    self.rank = rank
  }

  /// Where the images expect the extra certificate authorities and the bundle.
  public static let authoritiesPath = "/usr/local/share/ca-certificates"
  /// Where the images expect the bundle.
  public static let bundlePath = "/etc/ssl"

  /// The two mounts that a service with this trust store needs.
  public var mounts: [Mount] {
    [.volume(authorities, at: Self.authoritiesPath), .volume(bundle, at: Self.bundlePath)]
  }
}

extension [TrustStore] {
  /// The offer that fills a trust store: the user's choice, otherwise the first with the lowest rank.
  ///
  /// - Throws: `DioptraError` if the user chose an image that this deployment does not have.
  public func offer(for name: String, in context: Context) throws(DioptraError) -> TrustStore? {
    let offers = filter { $0.name == name }.sorted { $0.rank < $1.rank }
    guard let variable = offers.first?.choiceVariable, try !context.isBlank(variable) else { return offers.first }
    let choice = try context.configuration[variable]
    guard let offer = offers.first(where: { $0.choice == choice }) else {
      throw DioptraError(
        .valueInvalid, "\(variable) is \(choice), but this deployment has nothing of that kind",
        remedy:
          "Set \(set: variable.rawValue) to one of \(offers.map(\.choice).joined(separator: ", ")), or leave it empty")
    }
    return offer
  }
}

extension TrustStore: Contributed {
  /// What messages call such a value.
  public static let kind = "trust store"
  /// Both volumes, the variable with the choice, and what the image's text names.
  public var references: [Reference] {
    [.volume(authorities), .volume(bundle)] + image.references + (choiceVariable.map { [.variable($0)] } ?? [])
  }

  /// The same with another name of its image.
  public func renamingImages(_ newName: (Text) -> Text) -> Self {
    var value = self
    value.image = newName(image)
    return value
  }
}

extension Contribution {
  /// An image whose trust store must contain the user's certificate authorities.
  public static func trustStore(_ value: TrustStore) -> Self { Self(value) }
}

extension Blueprint {
  /// Every offer, in the order of the components; see `offer(for:in:)`.
  public var trustStores: [Owned<TrustStore>] { self[TrustStore.self] }
}
