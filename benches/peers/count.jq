# One line for each event: principal, source, name, error, first resource.
.Records[]
| [
    (.userIdentity | .sessionContext.sessionIssuer.arn // .arn // .invokedBy // .type),
    .eventSource,
    .eventName,
    .errorCode,
    first(.resources[]?.ARN // empty)
  ]
| @tsv
