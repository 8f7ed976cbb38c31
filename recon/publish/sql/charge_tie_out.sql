-- charge_tie_out: do the lists of a workbook add up to its findings, and the findings to each other?
--
-- grain     check_no
-- reads     charge_detail, charge_by_code, charge_by_queue, charge_by_place, charge_by_bill, charge_exception,
--           exception_code, queue_of_workbook, unit_factor
-- params    none
-- money     DECIMAL sums; each check sets two totals reached on different ways beside each other
-- rule      invariant 6 of section 1: workbook totals are table totals
with shown as (
    select
        count(*) as exceptions,
        coalesce(sum(lost), 0) as lost,
        coalesce(sum(overcharged), 0) as overcharged
    from charge_detail
    where state <> 'AUTO_CLOSED'
),

stored as (
    select
        count(*) as exceptions,
        coalesce(sum(found.gross) filter (where found.gross > 0 and code.in_sums = 'Y'), 0) as lost,
        coalesce(-sum(found.gross) filter (where found.gross < 0 and code.in_sums = 'Y'), 0) as overcharged
    from charge_exception as found
    inner join queue_of_workbook on found.queue = queue_of_workbook.queue
    left join exception_code as code on found.code = code.code
    where found.state <> 'AUTO_CLOSED'
),

listed as (
    select
        (select coalesce(sum(exceptions), 0) from charge_by_bill) as exceptions,
        (select coalesce(sum(lost), 0) from charge_by_code) as lost_by_code,
        (select coalesce(sum(overcharged), 0) from charge_by_code) as overcharged_by_code,
        (select coalesce(sum(lost), 0) from charge_by_queue) as lost_by_queue,
        (select coalesce(sum(overcharged), 0) from charge_by_place) as overcharged_by_place
),

factor_line as (
    select
        coalesce(sum(abs(charge_detail.gross)), 0) as gross,
        (
            select coalesce(sum(abs(unit_factor.gross)), 0)
            from unit_factor
            where exists (
                select 1
                from charge_detail as line
                where line.finding_key = unit_factor.finding_key and line.state <> 'AUTO_CLOSED'
            )
        ) as factor_gross
    from charge_detail
    where charge_detail.state <> 'AUTO_CLOSED' and charge_detail.finding_key is not null
),

compared as (
    select
        part.check_no,
        part.check_name,
        case part.check_no
            when 1 then shown.exceptions
            when 2 then shown.lost
            when 3 then shown.overcharged
            when 4 then listed.lost_by_code
            when 5 then listed.overcharged_by_code
            when 6 then listed.lost_by_queue
            when 7 then listed.overcharged_by_place
            when 8 then factor_line.gross
        end as this_side,
        case part.check_no
            when 1 then stored.exceptions
            when 2 then stored.lost
            when 3 then stored.overcharged
            when 4 then shown.lost
            when 5 then shown.overcharged
            when 6 then shown.lost
            when 7 then shown.overcharged
            when 8 then factor_line.factor_gross
        end as that_side
    from shown
    cross join stored
    cross join listed
    cross join factor_line
    cross join (
        values
        (1, 'Findings here = those of these queues in the lake'),
        (2, 'Lost charges here = those in the lake'),
        (3, 'Charged too much here = that in the lake'),
        (4, 'By rule: lost charges'),
        (5, 'By rule: charged too much'),
        (6, 'By queue: lost charges'),
        (7, 'By department: charged too much'),
        (8, 'Unit factors = the lines under them')
    ) as part (check_no, check_name)
)

select
    check_no,
    check_name,
    'USD' as currency,
    cast(this_side as decimal(18, 2)) as this_side,
    cast(that_side as decimal(18, 2)) as that_side,
    cast(this_side - that_side as decimal(18, 2)) as difference,
    this_side = that_side as agrees
from compared
order by check_no
