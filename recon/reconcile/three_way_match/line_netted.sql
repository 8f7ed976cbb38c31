-- line_netted: what credits leave of what each line of a credited group asks to be supported.
--
-- grain     invoice_id, line_no
-- reads     matched_line
-- params    none
-- money     `need` is dollars on an amount basis, shares otherwise
-- rule      A quantity credit takes from the invoice it refers to, what that cannot give and what refers
--           to nothing takes from the newest line first. Most groups have no credit: they are not here.
--           (Specification 1.2 step 4.)
with asked as (
    select
        match_group,
        invoice_id,
        line_no,
        invoice_date,
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
)

select
    invoice_id,
    line_no,
    cast(
        measure - taken
        - least(measure - taken, greatest(cast(0 as decimal(38, 6)), still_to_take - newer))
        as decimal(38, 6)
    ) as need
from newest_first
