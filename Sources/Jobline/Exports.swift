// Re-exports the messages of the contract to programs that import Jobline.
@_exported public import JoblineProtocol
