//! Q-AGREL / BrainProp (Pozzi, Bohte, Roelfsema 2018, arXiv:1811.01768; NeurIPS 2020).
