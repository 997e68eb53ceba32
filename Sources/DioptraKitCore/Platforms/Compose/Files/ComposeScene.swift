internal import DioptraModel
internal import DioptraSystem

/// What Compose's files are made of, with what they all need to know.
struct ComposeScene {
  let blueprint: Blueprint
  let context: Context
  let proxies: OutsideProxies
  private let addresses: ServiceAddresses

  init(_ blueprint: Blueprint, in context: Context) {
    self.blueprint = blueprint
    self.context = context
    addresses = ServiceAddresses(blueprint, in: context)
    proxies = OutsideProxies(blueprint, in: context)
  }

  /// The text with addresses in place of endpoints.
  func resolved(_ text: Text) throws -> Text { try addresses.resolved(text) }
}
