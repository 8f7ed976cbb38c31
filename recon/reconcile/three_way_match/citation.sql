-- citation: which packing slip, receipt or lot a text printed on an invoice line means, per match group.
--
-- grain     group_no, cited
-- reads     demand, supply
-- params    none
-- money     none
-- rule      Suppliers print a packing slip, a lot or our receipt number in the same place. The text means the packing
--           slip (of a bill-only line the lot) of that name where the group has one, else what came with the receipt of
--           that number. One text has one meaning, so that two lines that cite it draw on the same goods.
--           (Specification 1.2 step 5, pass A.)
with wanted as (
    select distinct
        group_no,
        cites
    from demand
    where cites is not null
),

named as (
    select distinct
        supply.group_no,
        supply.cite_key,
        supply.cite_key as cited,
        1 as preference
    from supply
    inner join wanted on supply.group_no = wanted.group_no and supply.cite_key = wanted.cites
    union all
    select distinct
        supply.group_no,
        supply.cite_key,
        wanted.cites as cited,
        2 as preference
    from supply
    inner join wanted on supply.group_no = wanted.group_no and upper(trim(supply.receipt_id)) = wanted.cites
),

ranked as (
    select
        named.group_no,
        named.cited,
        named.cite_key,
        row_number() over (
            partition by named.group_no, named.cited
            order by named.preference, named.cite_key
        ) as place
    from named
)

select
    group_no,
    cited,
    cite_key
from ranked
where place = 1
