-- price_credit: credits on the price alone, put against the lines whose price they mend.
--
-- grain     invoice_id, line_no
-- reads     price_credit_named, price_credit_in_time
-- params    none
-- money     dollars credited, positive; a line takes what it bills too much, rounded up to cents
-- rule      A price credit mends the lines of the invoice it refers to (price_credit_named), then of the match group
--           those billed by its day (price_credit_in_time), and what no bill of before could take the newest of all.
--           (Specification 1.2 step 4.)
with in_time as (
    select
        named.group_no,
        named.invoice_id,
        named.line_no,
        named.invoice_date,
        named.credited,
        named.too_much,
        named.taken + cast(in_time.taken as decimal(38, 2)) as taken
    from price_credit_named as named
    inner join price_credit_in_time as in_time
        on named.invoice_id = in_time.invoice_id and named.line_no = in_time.line_no
),

newest_first as (
    select
        line.*,
        line.credited - sum(line.taken) over (partition by line.group_no) as still_to_take,
        coalesce(
            sum(line.too_much - line.taken) over (
                partition by line.group_no
                order by line.invoice_date desc, line.invoice_id desc, line.line_no desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as newer
    from in_time as line
),

mended as (
    select
        invoice_id,
        line_no,
        taken + least(too_much - taken, greatest(cast(0 as decimal(38, 2)), still_to_take - newer)) as amount
    from newest_first
)

select
    invoice_id,
    line_no,
    cast(amount as decimal(18, 2)) as amount
from mended
where amount > 0
