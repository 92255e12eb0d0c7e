import { Heading, Section, Text } from "react-email";

import { Letter, look } from "./look";

interface InterviewProps {
  language: string;
  title: string;
  subject: string;
  preview: string;
  kicker: string;
  greeting: string;
  caption: string;
  lead: string[];
  before: string[];
  heading: string;
  turns: { question: string; answer: string[] }[];
  after: string[];
  reason: string;
  questions: string;
}

export function Interview(props: InterviewProps) {
  return (
    <Letter {...props}>
      <Section style={look.first}>
        {props.lead.map((words) => (
          <Text key={words} style={look.lead}>
            {words}
          </Text>
        ))}
        <Text style={look.small}>{props.caption}</Text>
        {[props.greeting, ...props.before].map((words) => (
          <Text key={words} style={look.text}>
            {words}
          </Text>
        ))}
        <Heading as="h2" style={look.h2}>
          {props.heading}
        </Heading>
      </Section>
      {props.turns.map((turn) => (
        <Section key={turn.question} style={look.turn}>
          <Section style={look.bar}>
            <Heading as="h3" style={look.h3}>
              {turn.question}
            </Heading>
            {turn.answer.map((words) => (
              <Text key={words} style={look.text}>
                {words}
              </Text>
            ))}
          </Section>
        </Section>
      ))}
      <Section style={look.sheet}>
        {props.after.map((words) => (
          <Text key={words} style={look.text}>
            {words}
          </Text>
        ))}
      </Section>
    </Letter>
  );
}
