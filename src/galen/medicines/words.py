"""Words beside a medicine's name that make no other medicine of it."""

# Salts, esters and hydrates.
SALTS = frozenset(
    """
    acetate acetonide aceponate adipate anhydrous arginine ascorbate aspartate axetil benzathine benzoate besilate
    besylate bicarbonate bisulfate bisulphate bitartrate borate bromide butyrate calcium camsilate camsylate caproate
    caprylate carbonate chloride cholesteryl choline cilexetil cipionate citrate cyclohexanepropionate cypionate
    decanoate dianhydrous diacetate dibudinate diethylamine dihydrate dihydrochloride dimaleate dimesilate dimesylate
    diolamine dipotassium dipropionate disodium disulfate ditosylate edamine edisilate edisylate embonate enantate
    enanthate epolamine erbumine esilate estolate etabonate etexilate ethanolate ethylsuccinate fumarate furoate
    gluceptate gluconate glucuronate hcl hemifumarate hemihydrate hexacetonide hexanoate hippurate hyclate hydrate
    hydrobromide hydrochloride hydroxide isethionate isetionate kamedoxomil lactate lactobionate lauryl laurilsulfate
    laurylsulfate lysine magnesium malate maleate marboxil medoxil meglumine medoxomil mesilate mesylate methylsulfate
    metilsulfate monohydrate mononitrate monosodium mucate napadisilate napsilate napsylate nicotinate nitrate olamine
    orotate oxalate oxide palmitate pamoate pantothenate pentahydrate pentanoate phenylpropionate phosphate pidolate
    pivalate pivoxil polacrilex polistirex potassium proxetil propionate pyrophosphate saccharate salicylate
    sesquihydrate sodium stearate sulfonate succinate sulfate sulphate tannate tartrate teoclate tetrahydrate
    tetrasodium tosilate tosylate trifenatate trifluoroacetate triflutate trihydrate trisodium trolamine trometamol
    tromethamine kalium natrium tryptophan undecanoate undecylenate valerate xinafoate zinc
    """.split()
)
# Origin, purity, place, form and speed.
ABOUT = frozenset(
    """
    adsorbed attenuated bark berry extract flower fruit herb inactivated leaf root seed

    bovine conventional glacial human intranasal isotopic liposomal liposome local microcrystalline microsize
    micronised micronized nonproprietary ordinary origin pegylated porcine preparation purified rdna recombinant
    regular salt semisynthetic synthetic systemic ultramicrosize

    buccal ear eye inhalation inhaled inhalational injectable injection intramuscular intravenous intravitreal nasal
    ophthalmic oral otic rectal subcutaneous sublingual topical transdermal vaginal

    ampoule ampoules cap caps capsule capsules chewable cream dispersible drops effervescent elixir film coated gel
    granules implant inhaler kit liquid lotion lozenge lozenges mouthwash ointment ophth paste patch patches pessaries
    pessary powder sachet sachets solution spray suppositories suppository suspension syrup tab tablet tablets tabs
    vial vials wafer wafers

    brausetabletten creme filmtabletten comprimes comprimidos gelules hartkapseln kapseln pill pills
    infusion infusionen infusions retardkapseln retardtabletten salbe tabletten tropfen

    accuhaler autohaler autoinjector cartridge cartridges diskus ellipta flexpen flextouch handihaler hfa inhub jr
    junior kwikpen mdi pen penfill pens prefilled rapihaler respimat sensimist solostar syringe syringes turbohaler
    turbuhaler

    acting controlled cr delayed dr ec enteric er extended extra forte immediate ir la long modified mr prolonged
    release retard slow sr strength sustained xl xr
    """.split()
)
