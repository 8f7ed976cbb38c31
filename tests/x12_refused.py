"""Third-party X12 files that are meant to be valid and are refused, each with its reason."""

# ISA16 declares a colon and components are separated by >.
OTHER_MARK = (
    "837/Inteligenz_X12Parser__Spec_3.1.1.txt",
    "837/Inteligenz_X12Parser__Spec_3.1.3_PPORepricedClaim.txt",
    "837/Inteligenz_X12Parser__Spec_3.1.4_OutOfNetworkRepricedClaim.txt",
    "835/LinuxForHealth_x12__cob-contractural-adjustment.835",
    "835/LinuxForHealth_x12__secondary-payment.835",
    "837/LinuxForHealth_x12__demo.cob.2ndary.example4.837",
    "837/LinuxForHealth_x12__demo.example11.837",
    "837/LinuxForHealth_x12__demo.example12.837",
    "837/LinuxForHealth_x12__demo.example6.837",
    "837/LinuxForHealth_x12__demo.example9.837",
    "837/LinuxForHealth_x12__out-of-network-repriced-claim.837i",
    "837/LinuxForHealth_x12__ppo-repriced-claim.837i",
)
# All of them, in a clean envelope.
REFUSED = {
    **dict.fromkeys(OTHER_MARK, "a mark that it does not declare separates components"),
    "835/Inteligenz_X12Parser__Example1.txt": "its last claim breaks off after the status",
    "835/LinuxForHealth_x12__managed-care.835": "it pays on the 16th of the 23rd month",
    "835/moov-io_x12__sample2.txt": "it pays on day 80 of month 0",
}
