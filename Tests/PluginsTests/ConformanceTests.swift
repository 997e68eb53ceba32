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
    let faults = try ComponentConformance.faults(
      of: component, among: components, variations: Self.variations,
      templateVersion: ReferenceDeployment.templateVersion)
    #expect(faults == [])
  }
}

/// A foreign component, next to the built-in ones.
struct ForeignComponentTests {
  private let components = ReferenceDeployment.components + [GrafanaComponent()]

  @Test func itKeepsTheRules() throws {
    #expect(try ComponentConformance.faults(of: GrafanaComponent(), among: components) == [])
  }

  @Test func itsRouteIsWrittenByTheProxy() throws {
    let deployment = try Deployment(
      registry: ComponentRegistry(components, dialect: ComposeDialect()),
      file: ConfigurationFile(text: "grafana_port: 3030\n"),
      identity: Identity(deployment: Identity.unnamed, folder: "/srv/lab"))
    #expect(deployment.tree["config/nginx/http_grafana.conf"]?.masked.contains("-grafana:3000;") == true)
    #expect(deployment.tree["docker-compose.yml"]?.masked.contains("- \"127.0.0.1:3030:35080/tcp\"") == true)
    #expect(deployment.tree[".env"]?.masked.hasSuffix("GRAFANA_ADMIN_PASSWORD=‹grafana_admin_password›\n") == true)
  }
}
