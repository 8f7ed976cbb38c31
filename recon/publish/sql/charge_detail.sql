-- charge_detail: the findings of one workbook, each stay under a number of the workbook's own.
--
-- grain     exception_key
-- reads     charge_finding, queue_of_workbook
-- params    none
-- money     DECIMAL, taken over unchanged
-- rule      the number says which findings are of one stay and nothing else: stays are counted in the order of
--           their tokens, which is no order of persons or time
select
    detail.*,
    case
        when detail.account_key is not null
            then 'S' || lpad(
                cast(
                    dense_rank() over (
                        order by
                            case when detail.account_key is null then 1 else 0 end,
                            detail.facility_id,
                            detail.account_key
                    ) as varchar
                ),
                4,
                '0'
            )
    end as stay
from charge_finding as detail
inner join queue_of_workbook on detail.queue = queue_of_workbook.queue
order by
    detail.days_to_bill asc nulls last,
    detail.severity asc,
    abs(detail.gross) desc,
    detail.exception_key asc
