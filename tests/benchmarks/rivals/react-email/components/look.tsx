import { Body, Container, Head, Heading, Html, Link, Preview, Section, Text } from "react-email";
import type { CSSProperties, ReactNode } from "react";

const reading = "'Segoe UI', Helvetica, Arial, sans-serif";

export const look: Record<string, CSSProperties> = {
  page: { backgroundColor: "#e9eef3", fontFamily: reading, margin: 0, padding: "24px 0" },
  container: { maxWidth: "640px", margin: "0 auto" },
  cover: { backgroundColor: "#0b3a66", padding: "28px 40px 38px" },
  mark: { color: "#ffffff", fontSize: "18px", lineHeight: "24px", fontWeight: "bold", margin: 0 },
  eyebrow: { color: "#bfdaf2", fontSize: "14px", lineHeight: "20px", fontWeight: "bold", margin: "34px 0 10px" },
  h1: { color: "#ffffff", fontSize: "34px", lineHeight: "42px", margin: 0 },
  h2: { color: "#0e2438", fontSize: "24px", lineHeight: "32px", margin: "20px 0 14px" },
  h3: { color: "#0a5ca8", fontSize: "20px", lineHeight: "28px", margin: "0 0 8px" },
  first: { backgroundColor: "#ffffff", padding: "36px 40px 0" },
  sheet: { backgroundColor: "#ffffff", padding: "0 40px 24px" },
  turn: { backgroundColor: "#ffffff", padding: "16px 40px 24px" },
  bar: { borderLeft: "4px solid #0a5ca8", paddingLeft: "20px" },
  lead: { color: "#0e2438", fontSize: "20px", lineHeight: "31px", margin: "0 0 22px" },
  text: { color: "#24313e", fontSize: "16px", lineHeight: "26px", margin: "0 0 18px" },
  small: { color: "#4b5a69", fontSize: "14px", lineHeight: "21px", margin: "0 0 6px" },
  link: { color: "#0a5ca8", textDecoration: "underline" },
  foot: { padding: "26px 40px 40px" },
  box: { backgroundColor: "#eef5fb", borderRadius: "6px", padding: "24px", marginBottom: "24px" },
  figure: { color: "#0a5ca8", fontSize: "34px", lineHeight: "42px", fontWeight: "bold", margin: 0, textAlign: "center" },
  label: { color: "#4b5a69", fontSize: "14px", lineHeight: "21px", margin: 0, textAlign: "center" },
  voice: { color: "#0b3a66", fontFamily: "Georgia, 'Times New Roman', serif", fontSize: "23px", lineHeight: "35px", margin: "0 0 14px" },
  half: { verticalAlign: "top", width: "50%" },
  head: { borderBottom: "2px solid #0a5ca8", color: "#0e2438", fontSize: "14px", padding: "8px", textAlign: "left" },
  cell: { borderBottom: "1px solid #d3dde7", color: "#24313e", fontSize: "15px", padding: "11px 8px", textAlign: "left" },
  button: { backgroundColor: "#0a5ca8", borderRadius: "5px", color: "#ffffff", fontSize: "16px", fontWeight: "bold", padding: "14px 28px" },
  picture: { width: "100%", height: "auto" },
};

interface LetterProps {
  language: string;
  subject: string;
  preview: string;
  kicker: string;
  title: string;
  reason: string;
  questions: string;
  children: ReactNode;
}

export function Letter(props: LetterProps) {
  return (
    <Html lang={props.language} dir="ltr">
      <Head>
        <title>{props.subject}</title>
      </Head>
      <Preview>{props.preview}</Preview>
      <Body lang={props.language} style={look.page}>
        <Container style={look.container}>
          <Section style={look.cover}>
            <Text style={look.mark}>District09</Text>
            <Text style={look.eyebrow}>{props.kicker}</Text>
            <Heading as="h1" style={look.h1}>
              {props.title}
            </Heading>
          </Section>
          {props.children}
          <Section style={look.foot}>
            <Text style={look.small}>
              <strong>District09</strong>
            </Text>
            <Text style={look.small}>{props.reason}</Text>
            <Text style={look.small}>
              {props.questions}{" "}
              <Link href="mailto:vragen@example.org" style={look.link}>
                vragen@example.org
              </Link>
            </Text>
          </Section>
        </Container>
      </Body>
    </Html>
  );
}
