-- charge_line: lines that bill no goods (freight, handling, tax, surcharge, other): supported, held, or routed.
--
-- grain     invoice_id, line_no
-- reads     charge_held, charge_credit_named, charge_credit_in_time
-- params    none
-- money     amounts as stated; `held` is what credits leave of it
-- rule      What lowers a bill is supported, and closes what is held of a charge of its kind: of the invoice it stands
--           on or names (charge_credit_named); a credit memo that names none, what was billed on its order by its day
--           (charge_credit_in_time), and what no bill of before had to give, of the newest of all. (Specification 1.2
--           step 4; 1.4; 1.8 invariant 8.)
with in_time as (
    select
        named.*,
        least(
            named.still_held, greatest(cast(0 as decimal(38, 2)), cast(in_time.taken as decimal(38, 2)) - named.before)
        ) as taken
    from charge_credit_named as named
    inner join charge_credit_in_time as in_time
        on named.invoice_id = in_time.invoice_id and named.first_line_no = in_time.line_no
),

unreferred as (
    select
        po_id,
        kind,
        cast(sum(-amount) as decimal(18, 2)) as amount
    from charge_held
    where is_memo and amount < 0 and code is null and po_id is not null and ref_invoice_id is null
    group by po_id, kind
),

newest_first as (
    select
        line.*,
        coalesce(unreferred.amount, 0)
        - sum(line.taken) over (partition by line.po_id, line.kind) as still_to_take,
        coalesce(
            sum(line.still_held - line.taken) over (
                partition by line.po_id, line.kind
                order by line.invoice_date desc, line.invoice_id desc, line.line_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as newer
    from in_time as line
    left join unreferred on line.po_id = unreferred.po_id and line.kind = unreferred.kind
),

after_credits as (
    select
        invoice_id,
        line_no,
        still_held - taken
        - least(still_held - taken, greatest(cast(0 as decimal(38, 2)), still_to_take - newer)) as left_of_it
    from newest_first
),

left_held as (
    select
        held.*,
        cast(coalesce(after_credits.left_of_it, held.held) as decimal(18, 2)) as still_held
    from charge_held as held
    left join after_credits on held.invoice_id = after_credits.invoice_id and held.line_no = after_credits.line_no
),

closed as (
    select
        left_held.*,
        case when held = 0 or still_held <> 0 then code end as open_code
    from left_held
)

select
    invoice_id,
    line_no,
    supplier_id,
    line_type,
    amount,
    currency,
    po_id,
    facility_id,
    open_code as code,
    case when open_code = 'FREIGHT_OVER_CAP' then rule_id end as rule_id,
    case
        when open_code = 'NON_PO_ROUTED' then 'NON_PO'
        when open_code in ('NO_PO', 'PO_NOT_FOUND', 'PO_LINE_AMBIGUOUS') then 'UNMATCHED'
        when open_code in ('SUPPLIER_MISMATCH', 'CURRENCY_MISMATCH') then 'BLOCKED'
        when open_code = 'CREDIT_UNLINKED' then 'CREDIT_OPEN'
        when is_memo and open_code is not null then 'CREDIT_OPEN'
        when is_memo then 'CREDIT_APPLIED'
        when open_code is not null then 'EXCEPTION'
        else 'MATCHED'
    end as status,
    cast(still_held as decimal(18, 2)) as held
from closed
