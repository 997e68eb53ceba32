import DioptraKitCore
import Plugins
import Testing

struct ConformanceTests {
  private static let variations: [[String: String]] = [
    ["enable_nginx_ssl": "true", "enable_postgres_ssl": "true", "restapi_https_port": "8443"],
    ["num_tensorflow_gpu_workers": "2", "num_pytorch_gpu_workers": "2", "num_tensorflow_cpu_workers": "0"],
    ["deployment_name": "AI lab", "container_registry": "", "container_tag": "dev", "networks": "dioptra lab"],
  ]

  @Test(arguments: ReferenceDeployment.components.map(\.id))
  func everyComponentKeepsTheRules(id: ComponentID) throws {
    let components = ReferenceDeployment.components
    let component = try #require(components.first { $0.id == id })
    let faults = try ComponentConformance.faults(of: component, among: components, variations: Self.variations)
    #expect(faults == [])
  }
}
