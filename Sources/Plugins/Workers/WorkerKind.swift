import DioptraKitCore

/// A worker's machine-learning framework and processor.
package enum WorkerKind: String, CaseIterable, Sendable {
  case tensorFlowCPU = "tfcpu"
  case tensorFlowGPU = "tfgpu"
  case pyTorchCPU = "pytorchcpu"
  case pyTorchGPU = "pytorchgpu"

  var title: String {
    switch self {
    case .tensorFlowCPU: "TensorFlow CPU"
    case .tensorFlowGPU: "TensorFlow GPU"
    case .pyTorchCPU: "PyTorch CPU"
    case .pyTorchGPU: "PyTorch GPU"
    }
  }

  var image: String {
    switch self {
    case .tensorFlowCPU: "tensorflow2-cpu"
    case .tensorFlowGPU: "tensorflow2-gpu"
    case .pyTorchCPU: "pytorch-cpu"
    case .pyTorchGPU: "pytorch-gpu"
    }
  }

  /// Names of queues since release 1.1.0.
  static let hyphenated = "hyphenated"
  /// Names of queues before.
  static let underscored = "underscored"

  /// The queue of all workers of the kind.
  func queue(in context: Context) throws -> String {
    try context.configuration["worker_queue_names"] == Self.underscored ? queue.replacing("-", with: "_") : queue
  }

  /// The queue's present name.
  var queue: String {
    switch self {
    case .tensorFlowCPU: "tensorflow-cpu"
    case .tensorFlowGPU: "tensorflow-gpu"
    case .pyTorchCPU: "pytorch-cpu"
    case .pyTorchGPU: "pytorch-gpu"
    }
  }

  var accelerator: Accelerator? {
    switch self {
    case .tensorFlowCPU, .pyTorchCPU: nil
    case .tensorFlowGPU, .pyTorchGPU: .nvidia
    }
  }

  var countVariable: VariableName {
    switch self {
    case .tensorFlowCPU: "num_tensorflow_cpu_workers"
    case .tensorFlowGPU: "num_tensorflow_gpu_workers"
    case .pyTorchCPU: "num_pytorch_cpu_workers"
    case .pyTorchGPU: "num_pytorch_gpu_workers"
    }
  }

  var imageVariable: VariableName { VariableName(rawValue + "_image") }

  var defaultCount: Int { accelerator == nil ? 1 : 0 }
}
