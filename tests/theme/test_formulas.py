r"""Fifteen formulas of papers on machine learning, as MathML: what a browser needs to set them right is in it."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.markdown.equations import Equation, typeset

CLIP = (
    r"L^{\mathrm{CLIP}}(\theta) = \hat{\mathbb{E}}_t\left[\min\left(r_t(\theta)\,\hat{A}_t,\;"
    r"\operatorname{clip}\left(r_t(\theta), 1-\varepsilon, 1+\varepsilon\right)\hat{A}_t\right)\right]"
)
BOUND = r"""\begin{aligned}
\log p_\theta(x) &\ge \mathbb{E}_{q_\phi(z \mid x)}\bigl[\log p_\theta(x, z) - \log q_\phi(z \mid x)\bigr] \\
&= \underbrace{\mathbb{E}_{q_\phi(z \mid x)}\bigl[\log p_\theta(x \mid z)\bigr]}_{\text{reconstruction}}
- \underbrace{D_{\mathrm{KL}}\bigl(q_\phi(z \mid x) \,\|\, p(z)\bigr)}_{\text{regulariser}}
\end{aligned}"""
HUBER = r"""L_\delta(a) = \begin{cases} \tfrac{1}{2} a^2 & \text{if } |a| \le \delta, \\
\delta \left(|a| - \tfrac{1}{2}\delta\right) & \text{otherwise.} \end{cases}"""
ROTATION = r"""\begin{pmatrix} q'_{2i} \\ q'_{2i+1} \end{pmatrix} =
\begin{bmatrix} \cos m\theta_i & -\sin m\theta_i \\ \sin m\theta_i & \cos m\theta_i \end{bmatrix}
\begin{pmatrix} q_{2i} \\ q_{2i+1} \end{pmatrix}"""
ADAM = r"""\begin{aligned}
m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t, & \hat{m}_t &= \frac{m_t}{1-\beta_1^t}, \\
v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2, & \hat{v}_t &= \frac{v_t}{1-\beta_2^t}, \\
\theta_t &= \theta_{t-1} - \alpha\, \hat{m}_t \big/ \left(\sqrt{\hat{v}_t} + \epsilon\right)
\end{aligned}"""
GAME = r"\min_G \max_D V(D, G) = \mathbb{E}_{x \sim p_{\text{data}}}[\log D(x)] + \mathbb{E}_{z \sim p_z}[\log(1 - D(G(z)))]"
DIFFUSION = r"q(x_t \mid x_{t-1}) = \mathcal{N}\left(x_t;\, \sqrt{1-\beta_t}\, x_{t-1},\, \beta_t \mathbf{I}\right) \tag{2}"
ADVANTAGE = r"\hat{A}_t^{\mathrm{GAE}(\gamma, \lambda)} = \sum_{l=0}^{\infty} (\gamma\lambda)^l \delta_{t+l}, \qquad \delta_t = r_t"
BELLMAN = (
    r"Q^*(s, a) = \mathbb{E}_{s' \sim P}\left[ r + \gamma \max_{a'} Q^*(s', a') \,\middle|\, s, a \right]"
)
CONTRAST = (
    r"\ell_{i,j} = -\log \frac{\exp(\operatorname{sim}(\mathbf{z}_i, \mathbf{z}_j) / \tau)}"
    r"{\sum_{k=1}^{2N} \mathbb{1}_{[k \neq i]} \exp(\operatorname{sim}(\mathbf{z}_i, \mathbf{z}_k) / \tau)}"
)
SCALING = r"L(N, D) = \left[ \left( \frac{N_c}{N} \right)^{\frac{\alpha_N}{\alpha_D}} + \frac{D_c}{D} \right]^{\alpha_D}"
PREFERENCES = (
    r"\mathcal{L}_{\mathrm{DPO}}(\pi_\theta; \pi_{\mathrm{ref}}) = -\mathbb{E}_{(x, y_w, y_l) \sim \mathcal{D}} \left[ \log \sigma"
    r"\left( \beta \log \frac{\pi_\theta(y_w \mid x)}{\pi_{\mathrm{ref}}(y_w \mid x)} \right) \right]"
)


@pytest.mark.parametrize(
    ("latex", "structure", "texts"),
    [
        pytest.param(CLIP, {"mover[accent=true]": 3, "mo": 1}, ["𝔼", "clip", "min", "CLIP"], id="clip"),
        pytest.param(
            r"\operatorname{Attention}(Q, K, V) = \operatorname{softmax}\!\left(\frac{QK^\top}{\sqrt{d_k}}\right)V",
            {"mfrac msqrt": 1, "mfrac msup": 1},
            ["Attention", "softmax", "⊤"],
            id="attention",
        ),
        pytest.param(
            r"\hat{\theta} = \operatorname*{arg\,max}_{\theta \in \Theta} \sum_{i=1}^{N} \log p_\theta(x_i)",
            {"munder": 1, "munderover": 1},
            ["arg\u2009max", "∈", "Θ", "∑"],
            id="likelihood",
        ),
        pytest.param(BOUND, {"mtr": 2, "mtd": 4, "munder > munder": 2}, ["⏟", "regulariser", "reconstruction"], id="bound"),
        pytest.param(HUBER, {"mtr": 2, "mtd": 4, "mfrac[displaystyle=false]": 2}, ["{", "if", "otherwise."], id="huber"),
        pytest.param(ROTATION, {"mtable": 3, "mtr": 6, "mtd": 8}, ["′", "[", "cos"], id="rotation"),
        pytest.param(ADAM, {"mtr": 3, "mfrac": 2, "msqrt": 1}, ["β", "α", "ϵ"], id="adam"),
        pytest.param(GAME, {"munder": 2, "msub msub mtext": 1}, ["min", "max", "data", "∼"], id="game"),
        pytest.param(DIFFUSION, {"msqrt": 1, "mtable": 1}, ["(2)", "𝐈", "𝒩"], id="diffusion"),
        pytest.param(
            r"\left. \frac{\partial \mathcal{L}}{\partial w} \right|_{w = w_0} (w - w_0)",
            {"msub > mrow > mfrac": 1},
            ["∂", "|"],
            id="derivative",
        ),
        pytest.param(ADVANTAGE, {"munderover": 1, "msubsup": 1}, ["GAE", "∞"], id="advantage"),
        pytest.param(BELLMAN, {"munder": 1, "mo[stretchy=true]": 1}, ["max", "∗", "′"], id="bellman"),
        pytest.param(CONTRAST, {"mfrac munderover": 1}, ["𝟙", "ℓ", "sim", "≠"], id="contrast"),
        pytest.param(SCALING, {"mfrac": 3, "msup > mrow": 2}, ["[", "]"], id="scaling"),
        pytest.param(PREFERENCES, {"mfrac": 1}, ["ℒ", "DPO", "ref", "𝒟", "σ"], id="preferences"),
    ],
)  # fmt: skip
def test_formulas_of_papers_are_typeset(latex: str, structure: dict[str, int], texts: list[str]) -> None:
    """No error; limits below operators, braces below what they embrace, rows of tables, fences that grow, the signs themselves."""
    (found,) = typeset([Equation(latex=latex, is_display=True)])
    assert isinstance(found, str), found
    tree = LexborHTMLParser(found)
    least = {selector: min(len(tree.css(selector)), count) for selector, count in structure.items()}
    assert least == structure
    said = "".join(node.text() for node in tree.css("math"))
    assert [text for text in texts if text not in said] == []
    assert "merror" not in found
