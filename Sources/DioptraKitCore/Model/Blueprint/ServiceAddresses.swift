package import DioptraSystem

/// Where services are reached: what stands in place of endpoints once all contributions are there.
package struct ServiceAddresses: Sendable {
  private let endpoints: [EndpointName: Endpoint]
  private let context: Context

  package init(_ blueprint: Blueprint, in context: Context) {
    endpoints = Dictionary(blueprint.endpoints.map { ($0.name, $0.value) }) { first, _ in first }
    self.context = context
  }

  /// The text with addresses in place of endpoints.
  ///
  /// - Throws: `DioptraError` for an endpoint that no component contributes.
  package func resolved(_ text: Text) throws(DioptraError) -> Text {
    var result = Text("")
    for segment in text.segments {
      guard case .endpoint(let name, let part) = segment.content else {
        result.append(segment)
        continue
      }
      guard let endpoint = endpoints[name] else {
        throw DioptraError(
          .componentInvalid, "a text refers to the endpoint '\(name)', which no component contributes",
          remedy: "Correct the name, or switch on the component that it comes from")
      }
      result += context.name(of: endpoint.service).of(segment.component)
      if part == .address { result.append(":\(endpoint.port)", of: segment.component) }
    }
    return result
  }
}
