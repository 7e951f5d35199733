// A program that imports Jobline has the messages of the contract with it.
@_exported public import JoblineProtocol
