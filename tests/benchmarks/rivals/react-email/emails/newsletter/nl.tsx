import { Button, Column, Heading, Img, Link, Row, Section, Text } from "react-email";

import { Letter, look } from "../../components/look";

const base = "https://example.org/nieuws";
const baths = [
  ["Groot bad", "2,10 m", "elke dag"],
  ["Leerbad", "0,90 m", "op schooldagen"],
  ["Peuterbad", "0,30 m", "elke dag"],
];

export default function Newsletter() {
  return (
    <Letter
      language="nl"
      subject="Het nieuwe zwembad gaat open op 5 december 2026"
      preview="Wat er anders is, wie je er ontmoet, en hoe je meedoet aan de opening."
      kicker="Nieuws uit de stad · 20 november 2026"
      title="Het nieuwe zwembad gaat open"
      reason="Je krijgt dit bericht omdat je bij District09 werkt."
      questions="Vragen?"
    >
      <Section style={{ backgroundColor: "#ffffff" }}>
        <Img
          src={`${base}/zwembad.jpg`}
          width="640"
          height="320"
          alt="Het nieuwe zwembad aan de vaart, met licht in alle ramen."
          style={look.picture}
        />
        <Text style={{ ...look.small, padding: "10px 40px 0" }}>
          Drie baden onder één dak. (Foto van eigen dienst)
        </Text>
      </Section>
      <Section style={look.first}>
        <Text style={look.lead}>
          Na drie jaar werken gaat het zwembad aan de vaart open. Voor scholen en clubs, voor de
          buurt, en voor ons.
        </Text>
        <Text style={look.text}>Dag collega,</Text>
        <Text style={look.text}>
          Wie in de buurt werkt, zag het dak er in de lente op gaan. Sindsdien is er binnen hard
          gewerkt: de baden zijn gevuld, het water is <strong>getest en goedgekeurd</strong>, en de
          kassa’s staan klaar. Op{" "}
          <Link href="https://intranet.example.org/zwembad" style={look.link}>
            de pagina van het zwembad
          </Link>{" "}
          staat alles bij elkaar.
        </Text>
      </Section>
      <Section style={look.sheet}>
        <Row>
          {[
            ["3", "baden"],
            ["480", "kastjes"],
            ["26 °C", "het hele jaar"],
          ].map(([number, label]) => (
            <Column key={label}>
              <Text style={look.figure}>{number}</Text>
              <Text style={look.label}>{label}</Text>
            </Column>
          ))}
        </Row>
      </Section>
      <Section style={look.sheet}>
        <Heading as="h2" style={look.h2}>
          Wat er anders is
        </Heading>
        <Row>
          <Column style={{ ...look.half, paddingRight: "12px" }}>
            <Heading as="h3" style={look.h3}>
              Voor de scholen
            </Heading>
            <Text style={look.text}>
              Elke school krijgt een vast uur, en zwemt altijd in hetzelfde bad. De bus stopt voor
              de deur.
            </Text>
          </Column>
          <Column style={{ ...look.half, paddingLeft: "12px" }}>
            <Heading as="h3" style={look.h3}>
              Voor de buurt
            </Heading>
            <Text style={look.text}>
              Op zondag is het eerste uur gratis voor wie in de wijk woont. Breng je kaart mee.
            </Text>
          </Column>
        </Row>
        <table width="100%" cellPadding="0" cellSpacing="0" style={{ borderCollapse: "collapse", marginBottom: "24px" }}>
          <thead>
            <tr>
              {["Bad", "Diepte", "Open"].map((head) => (
                <th key={head} scope="col" style={look.head}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {baths.map((cells) => (
              <tr key={cells[0]}>
                {cells.map((cell) => (
                  <td key={cell} style={look.cell}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        <Text style={look.voice}>
          Zwemmen leer je niet uit een boek, en niet in een bad dat altijd dicht is.
        </Text>
        <Text style={look.small}>Nora Peeters, sportdienst</Text>
        <Heading as="h2" style={look.h2}>
          Wie je er ontmoet
        </Heading>
        <Row>
          <Column style={{ verticalAlign: "top", width: "140px" }}>
            <Img
              src={`${base}/nora.jpg`}
              width="120"
              height="120"
              alt="Portret van Nora Peeters"
              style={{ borderRadius: "6px" }}
            />
          </Column>
          <Column style={{ verticalAlign: "top" }}>
            <Heading as="h3" style={look.h3}>
              Nora Peeters
            </Heading>
            <Text style={look.text}>Verantwoordelijke van het zwembad</Text>
            <Text style={look.text}>
              <Link href="mailto:nora.peeters@example.org" style={look.link}>
                nora.peeters@example.org
              </Link>
              <br />
              <Link href="tel:+3290000000" style={look.link}>
                +32 9 000 00 00
              </Link>
            </Text>
            <Text style={look.text}>
              Nora leidde tien jaar het bad in het park. Ze begint elke dag met twintig baantjes.
            </Text>
          </Column>
        </Row>
        <Row>
          <Column style={{ ...look.half, paddingRight: "6px" }}>
            <Img
              src={`${base}/bad.jpg`}
              width="274"
              height="183"
              alt="Het grote bad, leeg, met zes banen"
              style={look.picture}
            />
          </Column>
          <Column style={{ ...look.half, paddingLeft: "6px" }}>
            <Img
              src={`${base}/tegels.jpg`}
              width="274"
              height="183"
              alt="De tegels van het leerbad, in blauw en wit"
              style={look.picture}
            />
          </Column>
        </Row>
        <Text style={look.small}>Het bad in de laatste week van de werken</Text>
        <Heading as="h2" style={look.h2}>
          Kom je mee?
        </Heading>
        <Section style={look.box}>
          <Heading as="h3" style={look.h3}>
            Opening van het zwembad
          </Heading>
          <Text style={look.text}>
            zaterdag 5 december 2026, 14:00–17:00
            <br />
            Zwembad aan de vaart, Kaai 12
          </Text>
          <Text style={look.text}>
            Er is soep, en om vier uur springt de schepen als eerste.
          </Text>
          <Link href={`${base}/opening.ics`} style={look.link}>
            Zet het in je agenda
          </Link>
        </Section>
        <Section style={look.box}>
          <Text style={look.text}>
            <strong>Goed om te weten</strong>
          </Text>
          <Text style={look.text}>
            Parkeren kan niet aan de kaai. Neem tram 4, of zet je fiets onder het dak.
          </Text>
        </Section>
        <Section style={look.bar}>
          <Heading as="h3" style={look.h3}>
            Mag ik mijn gezin meebrengen?
          </Heading>
          <Text style={look.text}>Zeker, op de opening is iedereen welkom:</Text>
          <ul style={look.text}>
            <li>kinderen onder de twaalf zwemmen met een ouder,</li>
            <li>een badmuts is verplicht, en te koop aan de kassa.</li>
          </ul>
        </Section>
        <Button href="https://intranet.example.org/zwembad/opening" style={look.button}>
          Schrijf je in voor de opening
        </Button>
        <Text style={look.text}>
          <strong>Om te lezen</strong>
        </Text>
        <ul style={look.text}>
          <li>
            <Link href="https://intranet.example.org/zwembad/reglement.pdf" style={look.link}>
              Het reglement
            </Link>
          </li>
          <li>
            <Link href="https://intranet.example.org/zwembad/uren.pdf" style={look.link}>
              De uren voor scholen
            </Link>
          </li>
        </ul>
      </Section>
    </Letter>
  );
}
