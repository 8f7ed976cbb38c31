-- demand: what each invoice line asks to be supported, after credits, on its group's axis.
--
-- grain     invoice_id, line_no
-- reads     matched_line
-- params    none
-- money     `need` is dollars on an amount basis, shares otherwise
-- rule      Paid documents first, then by date, id and line. A quantity credit takes from the invoice
--           it refers to, what that cannot give and what refers to nothing takes from the newest
--           line first. (Specification 1.2 steps 4 and 5.)
with asked as (
    select
        match_group,
        invoice_id,
        line_no,
        is_paid,
        invoice_date,
        cites,
        is_lot_bound,
        measure
    from matched_line
    where code is null and not is_credit
),

credit as (
    select
        match_group,
        ref_invoice_id,
        measure
    from matched_line
    where code is null and is_credit and adj_kind <> 'PRICE' and measure > 0
),

referred as (
    select
        match_group,
        ref_invoice_id,
        cast(sum(measure) as decimal(38, 6)) as measure
    from credit
    where ref_invoice_id is not null
    group by match_group, ref_invoice_id
),

credited as (
    select
        match_group,
        cast(sum(measure) as decimal(38, 6)) as measure
    from credit
    group by match_group
),

-- Most groups have no credit.
billed as (
    select
        asked.*,
        credited.measure as credited,
        coalesce(
            sum(asked.measure) over (
                partition by asked.match_group, asked.invoice_id
                order by asked.line_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as before_in_invoice
    from asked
    inner join credited on asked.match_group = credited.match_group
),

after_referred as (
    select
        billed.*,
        least(
            billed.measure,
            greatest(
                cast(0 as decimal(38, 6)), coalesce(referred.measure, 0) - billed.before_in_invoice
            )
        ) as taken
    from billed
    left join referred
        on billed.match_group = referred.match_group and billed.invoice_id = referred.ref_invoice_id
),

taken_so_far as (
    select
        match_group,
        cast(sum(taken) as decimal(38, 6)) as measure
    from after_referred
    group by match_group
),

newest_first as (
    select
        line.*,
        line.credited - taken_so_far.measure as still_to_take,
        coalesce(
            sum(line.measure - line.taken) over (
                partition by line.match_group
                order by line.invoice_date desc, line.invoice_id desc, line.line_no desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as newer
    from after_referred as line
    inner join taken_so_far on line.match_group = taken_so_far.match_group
),

net as (
    select
        invoice_id,
        line_no,
        cast(
            measure - taken
            - least(measure - taken, greatest(cast(0 as decimal(38, 6)), still_to_take - newer))
            as decimal(38, 6)
        ) as need
    from newest_first
),

netted as (
    select
        asked.match_group,
        asked.invoice_id,
        asked.line_no,
        asked.is_paid,
        asked.invoice_date,
        asked.cites,
        asked.is_lot_bound,
        asked.measure as billed,
        coalesce(net.need, asked.measure) as need
    from asked
    left join net on asked.invoice_id = net.invoice_id and asked.line_no = net.line_no
)

select
    match_group,
    invoice_id,
    line_no,
    is_paid,
    invoice_date,
    cites,
    is_lot_bound,
    billed,
    need,
    cast(
        sum(need) over (
            partition by match_group
            order by case when is_paid then 0 else 1 end, invoice_date, invoice_id, line_no
            rows between unbounded preceding and current row
        ) as decimal(38, 6)
    ) as hi
from netted
