"""The simulated auditor's writer: rubrics, rewordings, comparisons and answers with the source in hand."""
