-- charge_detail: the findings of one workbook.
--
-- grain     exception_key
-- reads     charge_finding, queue_of_workbook
-- params    none
-- money     DECIMAL, taken over unchanged
-- rule      a workbook holds the findings of its queues, in the order of charge_finding
select finding.*
from charge_finding as finding
inner join queue_of_workbook on finding.queue = queue_of_workbook.queue
order by
    case finding.state when 'OVERRIDDEN' then 1 else 0 end,
    finding.days_to_bill asc nulls last,
    finding.days_to_filing asc nulls last,
    finding.severity asc,
    abs(finding.gross) desc,
    finding.exception_key asc
