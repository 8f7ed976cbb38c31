-- charge_detail: the findings of one workbook.
--
-- grain     exception_key
-- reads     charge_finding, queue_of_workbook
-- params    none
-- money     DECIMAL, taken over unchanged
-- rule      a workbook holds the findings of its queues; bills that drop first come first
select finding.*
from charge_finding as finding
inner join queue_of_workbook on finding.queue = queue_of_workbook.queue
order by
    finding.days_to_bill asc nulls last,
    finding.severity asc,
    abs(finding.gross) desc,
    finding.exception_key asc
